// The doors of the one address: which paths lead to the HTTP API, which to sockets, and what a door says of who comes in.

/**
 * The query parameter in which `$connect` reads the dialect of a socket. It comes from the door alone: what a client writes
 * into it is replaced, or dropped where the door has no dialect.
 */
export const dialectParameter = 'dialect';

export type DoorDialect = 'hotel' | 'socketio';

export interface SocketDoor {
  /** Where clients connect; a slash at its end makes no difference. */
  readonly path: `/${string}`;
  /** Whether everything below the path is the same door. */
  readonly includesBelow: boolean;
  /** What `$connect` is told; null tells it nothing, and our own frames are spoken. */
  readonly dialect: DoorDialect | null;
}

/** The first one is where our own clients connect. */
export const socketDoors = [
  { path: '/ws', includesBelow: false, dialect: null },
  { path: '/ws/notifications', includesBelow: false, dialect: 'hotel' },
  { path: '/socket.io', includesBelow: true, dialect: 'socketio' },
] as const satisfies readonly SocketDoor[];

/**
 * The paths of the HTTP API, as path patterns of CloudFront (`*` is any characters, `?` is one):
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 */
export const httpPathPatterns = ['/api/*', '/websocket/*', '/docs', '/openapi.json', '/asyncapi.json'] as const;

/** The path patterns of a socket's door. The slash at the end needs one of its own: to CloudFront it is another path. */
export function pathPatternsOf({ path, includesBelow }: SocketDoor): readonly string[] {
  return [path, includesBelow ? `${path}/*` : `${path}/`];
}
