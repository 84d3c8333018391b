// The languages that sockets speak: Bellhop's own, and those of the products whose clients stay as they are.

export const dialectNames = ['bellhop', 'hotel', 'leads', 'socketio'] as const;

export type DialectName = (typeof dialectNames)[number];
