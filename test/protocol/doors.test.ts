// The doors lead every route of the table to its API, and no path through two of them.
import { describe, expect, it } from 'vitest';
import { pathMatcher } from '../../local/front-door/path-pattern.ts';
import { httpPathPatterns, pathPatternsOf, socketDoors } from '../../shared/protocol/doors.ts';
import type { Route } from '../../shared/protocol/routes.ts';
import { routes } from '../../shared/protocol/routes.ts';

const httpPaths = Object.values<Route>(routes).flatMap((route) => (route.kind === 'http' ? [route.path] : []));

/** Every door that a path would go through. */
function doorsAt(path: string): readonly string[] {
  const sockets = socketDoors.filter((door) => pathPatternsOf(door).some((pattern) => pathMatcher(pattern)(path)));
  const http = httpPathPatterns.filter((pattern) => pathMatcher(pattern)(path));
  return [...sockets.map((door) => door.path), ...http];
}

describe('the doors', () => {
  it.each([
    ['/ws', ['/ws']],
    ['/ws/', ['/ws']],
    ['/ws/notifications', ['/ws/notifications']],
    ['/ws/notifications/', ['/ws/notifications']],
    ['/socket.io', ['/socket.io']],
    ['/socket.io/', ['/socket.io']],
    ['/socket.io/anything', ['/socket.io']],
    ['/api/ws/broadcast', ['/api/*']],
    ['/websocket/status', ['/websocket/*']],
    ['/docs', ['/docs']],
    ['/openapi.json', ['/openapi.json']],
    ['/asyncapi.json', ['/asyncapi.json']],
    ['/', []],
    ['/wss', []],
    ['/ws/other', []],
    ['/WS', []],
    ['/socket.iox', []],
    ['/live', []],
  ])('at %s are %j', (path, doors) => {
    expect(doorsAt(path)).toEqual(doors);
  });

  it.each(httpPaths)('one leads %s to the HTTP API', (path) => {
    const doors = doorsAt(path.replace(/\{\w+\}/g, 'ws'));
    expect(doors).toHaveLength(1);
    expect(httpPathPatterns).toContain(doors[0]);
  });

  it('begin with that of our own clients, whose sockets have no dialect', () => {
    expect(socketDoors[0]).toEqual({ path: '/ws', includesBelow: false, dialect: null });
  });

  it('have a dialect each, and different ones', () => {
    const dialects = socketDoors.map(({ dialect }) => dialect);
    expect(new Set(dialects).size).toBe(socketDoors.length);
  });
});
