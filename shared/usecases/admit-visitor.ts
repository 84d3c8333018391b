// Decides whether somebody without credentials may go on: only how often an address has called one route counts.
import type { Allowance } from '../domain/caller.ts';
import { allowanceOf } from '../domain/caller.ts';
import type { Clock, RateCounter } from '../ports.ts';
import { requestLimits } from '../protocol/limits.ts';

export interface VisitorPorts {
  readonly rates: RateCounter;
  readonly clock: Clock;
}

export async function admitVisitor(
  ports: VisitorPorts,
  sourceIp: string,
  route: string,
): Promise<{ readonly caller: null; readonly allowance: Allowance }> {
  const nowMs = ports.clock.nowMs();
  const { rateWindowMs, visitorRequestsMax } = requestLimits;
  const count = await ports.rates.count(`visitor${JSON.stringify([sourceIp, route])}`, rateWindowMs, nowMs);
  return { caller: null, allowance: allowanceOf(count, visitorRequestsMax, nowMs) };
}
