// What every gateway must do.
import { expect, it } from 'vitest';
import type { ConnectionGateway, PostOutcome } from '../../shared/ports.ts';
import { unique } from '../builders/unique.ts';

export interface GatewayUnderTest {
  readonly gateway: ConnectionGateway;
  /** Has the posts to this connection answered with this outcome. */
  readonly answer: (connectionId: string, outcome: PostOutcome) => void;
  /** The frames that reached a connection, parsed. */
  readonly frames: (connectionId: string) => readonly unknown[];
}

const outcomes: readonly PostOutcome[] = ['posted', 'gone', 'too_large', 'throttled', 'unavailable'];

export function connectionGatewayContract(make: () => GatewayUnderTest): void {
  it('posts each frame to its connection', async () => {
    const { gateway, frames } = make();
    // Connection ids end in `=`, which has to be encoded in a path.
    const [one, other] = [`${unique('c')}=`, `${unique('c')}=`];
    expect(await gateway.post(one, '{"type":"pong","text":"Zimmer 7 ✓"}')).toBe('posted');
    expect(await gateway.post(other, '{"type":"resumed"}')).toBe('posted');
    expect(await gateway.post(one, '[]')).toBe('posted');
    expect(frames(one)).toEqual([{ type: 'pong', text: 'Zimmer 7 ✓' }, []]);
    expect(frames(other)).toEqual([{ type: 'resumed' }]);
  });

  it.each(outcomes)('returns what the gateway says: %s', async (outcome) => {
    const { gateway, answer, frames } = make();
    const connectionId = unique('c');
    answer(connectionId, outcome);
    expect(await gateway.post(connectionId, '{}')).toBe(outcome);
    expect(frames(connectionId)).toHaveLength(outcome === 'posted' ? 1 : 0);
  });

  it('closes a socket, and one that is gone without complaint', async () => {
    const { gateway } = make();
    const connectionId = unique('c');
    expect(await gateway.post(connectionId, '{}')).toBe('posted');
    await gateway.close(connectionId);
    expect(await gateway.post(connectionId, '{}')).toBe('gone');
    await expect(gateway.close(connectionId)).resolves.toBeUndefined();
  });
}
