// Reads a history and says which of the ten promises it breaks, and what it measured on the way.
import type { DeliveryState } from '../../shared/domain/delivery.ts';
import type { Accepted, DeviceMade, HistoryEvent, Recorder, Reported, Requested, Shown, Stored } from './history.ts';
import type { Device, Memory, Request } from './memory.ts';
import { newMemory, note } from './memory.ts';
import { newOrder } from './order.ts';
import type { Bounds, Figures, Verdict } from './verdict.ts';
import { bounds } from './verdict.ts';

export interface Checker {
  readonly record: Recorder;
  /** How many (device, notification) pairs had to be so far. */
  recipientNotifications(): number;
  verdict(): Verdict;
}

export function checkHistory(events: Iterable<HistoryEvent>, within: Bounds = bounds): Verdict {
  const checker = newChecker(within);
  for (const event of events) checker.record(event);
  return checker.verdict();
}

export function newChecker(within: Bounds = bounds): Checker {
  const memory = newMemory();
  return {
    record: (event) => {
      record(memory, within, event);
    },
    recipientNotifications: () => memory.recipientNotifications,
    verdict: () => verdictOf(memory, within),
  };
}

function record(memory: Memory, within: Bounds, event: HistoryEvent): void {
  switch (event.kind) {
    case 'requested':
      memory.requests.set(event.request, { requested: event, acceptedAs: null, storedAtMs: null, ids: new Set() });
      return;
    case 'stored':
      recordStored(memory, event);
      return;
    case 'accepted':
      recordAccepted(memory, event);
      return;
    case 'device':
      recordDevice(memory, event);
      return;
    case 'joined':
      deviceOf(memory, event.device).joinedAtMs ??= event.atMs;
      return;
    case 'online':
      deviceOf(memory, event.device).onlineAtMs = event.atMs;
      return;
    case 'announced':
      deviceOf(memory, event.device).order.announce(event);
      return;
    case 'skipped':
      deviceOf(memory, event.device).order.skip(event, event);
      return;
    case 'shown':
      recordShown(memory, within, event);
      return;
    case 'posted':
      memory.posts[event.via] += 1;
      return;
    case 'reported':
      recordReported(memory, event);
      return;
    case 'storm':
      note(memory, 'P10', () => 'a storm of posts that bring nothing ended the run, so the rest is unfinished');
  }
}

function deviceOf(memory: Memory, number: number): Device {
  const device = memory.devices.get(number);
  if (device === undefined) throw new Error(`the history knows no device ${String(number)}`);
  return device;
}

function recordDevice(memory: Memory, made: DeviceMade): void {
  const device: Device = { made, joinedAtMs: null, onlineAtMs: 0, shown: new Set(), order: newOrder() };
  memory.devices.set(made.device, device);
  for (const topic of made.topics) {
    const name = nameOf(made.tenant, topic);
    memory.followers.set(name, [...(memory.followers.get(name) ?? []), device]);
  }
}

function nameOf(tenant: string, topic: string): string {
  return `${tenant} ${topic}`;
}

function recordStored(memory: Memory, { request, atMs }: Stored): void {
  const asked = memory.requests.get(request);
  if (asked !== undefined) asked.storedAtMs ??= atMs;
}

function recordAccepted(memory: Memory, { request, broadcastId }: Accepted): void {
  const asked = memory.requests.get(request);
  if (asked === undefined) {
    note(memory, 'P2', () => `request ${String(request)} was accepted and never made`);
    return;
  }
  noteId(memory, request, asked, broadcastId);
  if (asked.acceptedAs !== null) return;
  asked.acceptedAs = broadcastId;
  memory.recipientNotifications += owedTo(memory, asked).length;
}

function noteId(memory: Memory, number: number, { ids }: Request, broadcastId: string): void {
  const before = ids.size;
  ids.add(broadcastId);
  if (ids.size > 1 && ids.size > before) {
    note(memory, 'P7', () => `request ${String(number)} made the broadcasts ${[...ids].join(' and ')}`);
  }
}

/** The devices that must be shown it: those of its audience that were there before it was asked for. */
function owedTo(memory: Memory, { requested, acceptedAs }: Request): readonly Device[] {
  const { durability, expiresAtMs, tenant, except, atMs } = requested;
  if (acceptedAs === null || durability === 'ephemeral' || expiresAtMs !== null) return [];
  return addressed(requested)
    .flatMap((topic) => memory.followers.get(nameOf(tenant, topic)) ?? [])
    .filter(({ joinedAtMs, made }) => joinedAtMs !== null && joinedAtMs < atMs && !except.includes(made.user));
}

function addressed({ audience }: Requested): readonly string[] {
  return audience.kind === 'topic' ? [audience.topic] : audience.users.map((user) => `user:${user}`);
}

function recordShown(memory: Memory, within: Bounds, shown: Shown): void {
  const device = deviceOf(memory, shown.device);
  const asked = memory.requests.get(shown.request);
  const { made } = device;
  const who = (): string => `${made.tenant}/${made.user}, device ${String(shown.device)}`;
  const what = (): string => `request ${String(shown.request)} (${shown.broadcastId}) on ${who()}`;
  memory.shown += 1;
  const isMeant =
    asked?.requested.tenant === made.tenant && addressed(asked.requested).some((topic) => made.topics.includes(topic));
  if (!isMeant) {
    note(memory, 'P2', what);
    return;
  }
  noteId(memory, shown.request, asked, shown.broadcastId);
  if (device.shown.has(shown.request)) note(memory, 'P3', what);
  device.shown.add(shown.request);
  const { except, expiresAtMs } = asked.requested;
  if (except.includes(made.user)) note(memory, 'P8', () => `${what()} is excepted`);
  const endMs = expiresAtMs ?? Number.POSITIVE_INFINITY;
  const lateMs = shown.cameAtMs - endMs;
  if (shown.atMs > endMs + within.inFlightMsMax) memory.shownLate += 1;
  if (lateMs > within.inFlightMsMax) note(memory, 'P8', () => `${what()} came ${String(lateMs)} ms after its end`);
  if (shown.place === null) return;
  const { topic } = shown.place;
  const problem = device.order.show(shown.place);
  if (problem !== null) note(memory, 'P4', () => `${who()}, ${topic}: ${problem}`);
  measure(memory, device, asked, shown);
}

/** A device without a network can be told nothing, so that its waiting begins when it has one. */
function measure(memory: Memory, { onlineAtMs }: Device, { storedAtMs, requested }: Request, shown: Shown): void {
  const sinceMs = storedAtMs ?? requested.atMs;
  memory.delaysMs.push(Math.max(0, shown.atMs - Math.max(sinceMs, onlineAtMs)));
  if (onlineAtMs > sinceMs) return;
  memory.shownOnline += 1;
  memory.pushedOnline += shown.via === 'push' ? 1 : 0;
}

const ranks: Readonly<Record<DeliveryState, number>> = {
  accepted: 0,
  queued: 1,
  failed: 2,
  sent: 3,
  expired: 4,
  suppressed: 4,
  delivered: 5,
  read: 6,
};

function recordReported(memory: Memory, { broadcastId, request, user, state }: Reported): void {
  memory.reports += 1;
  const name = `${broadcastId} ${user}`;
  const before = memory.ranks.get(name);
  if (before !== undefined && ranks[state] < before.rank) {
    note(memory, 'P5', () => `${broadcastId} for ${user} went from ${before.state} back to ${state}`);
  }
  if (before === undefined || ranks[state] > before.rank) memory.ranks.set(name, { rank: ranks[state], state });
  if (state !== 'delivered' && state !== 'read') return;
  const tenant = memory.requests.get(request)?.requested.tenant ?? '';
  const devices = memory.followers.get(nameOf(tenant, `user:${user}`)) ?? [];
  if (!devices.some(({ shown }) => shown.has(request))) {
    note(memory, 'P6', () => `${broadcastId} is ${state} for ${tenant}/${user}, and was never shown`);
  }
}

function verdictOf(memory: Memory, within: Bounds): Verdict {
  for (const [number, request] of memory.requests) {
    for (const { made, shown } of owedTo(memory, request)) {
      if (shown.has(number)) continue;
      const { tenant, user, device } = made;
      note(
        memory,
        'P1',
        () =>
          `request ${String(number)} (${String(request.acceptedAs)}) on ${tenant}/${user}, device ${String(device)}`,
      );
    }
  }
  const figures = figuresOf(memory);
  const { pushShare, delayP50Ms, postsEach } = figures;
  if (pushShare < within.pushShareMin) note(memory, 'P9', () => `only ${pushShare.toFixed(3)} were pushed`);
  if (delayP50Ms > within.delayP50MsMax) note(memory, 'P9', () => `half took ${String(delayP50Ms)} ms or more`);
  if (postsEach > within.postsEachMax) note(memory, 'P10', () => `${postsEach.toFixed(3)} posts each`);
  return { broken: memory.broken, figures };
}

function figuresOf(memory: Memory): Figures {
  const delays = Float64Array.from(memory.delaysMs).sort();
  const quantile = (share: number): number => delays[Math.max(0, Math.ceil(share * delays.length) - 1)] ?? 0;
  return {
    requests: memory.requests.size,
    unanswered: [...memory.requests.values()].filter(({ acceptedAs }) => acceptedAs === null).length,
    devices: memory.devices.size,
    recipientNotifications: memory.recipientNotifications,
    shown: memory.shown,
    shownLate: memory.shownLate,
    postsEach: (memory.posts.push + memory.posts.resume) / Math.max(1, memory.delaysMs.length),
    resumePostsEach: memory.posts.resume / Math.max(1, memory.delaysMs.length),
    pushShare: memory.pushedOnline / Math.max(1, memory.shownOnline),
    delayP50Ms: quantile(0.5),
    delayP99Ms: quantile(0.99),
    delayMaxMs: quantile(1),
    reports: memory.reports,
  };
}
