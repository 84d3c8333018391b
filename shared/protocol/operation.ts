// What the API documents say of one route besides what the table of routes says.
import type * as z from 'zod/mini';
import type { FailureCode } from './failures.ts';

export const products = {
  Bellhop: 'Any event for any audience, and the inbox of a person who cannot have a socket.',
  Contractors: 'A CRM tells its contractors of tasks, and asks what became of it.',
  Hotel: 'A hotel tells its guests something; guests without a socket poll.',
  'Repair shop': 'Work orders, tickets and notifications for the people of a shop, who use Socket.IO clients.',
  Leads:
    'The members of a sales team tell each other what happens. Whether a tenant is a team is for the operator to say.',
  'Support desk':
    'Notifications, chat and WhatsApp events for the clients of a desk, who use Socket.IO clients. A client is called by the user id of its token, not by the id of a socket.',
  Documents: 'This documentation, as a page and for machines.',
} as const;

export type Product = keyof typeof products;

export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodMiniType;
  /** `application/json` unless told. */
  readonly mediaType?: string;
}

export interface Operation {
  readonly product: Product;
  /** What it does, in a few words. */
  readonly summary: string;
  readonly description?: string;
  /** What the parameters of the path are; `parameterNotes` has what they are everywhere else. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: z.ZodMiniObject;
  readonly body?: z.ZodMiniType;
  /** A body, and values for the path, that make a good first request. */
  readonly example?: {
    readonly body?: Readonly<Record<string, unknown>>;
    readonly path?: Readonly<Record<string, string>>;
  };
  readonly answers: Readonly<Record<number, Answer>>;
  /** The refusals that do not follow from who may call, and from having a body, a query or a path with parameters. */
  readonly refusals?: readonly FailureCode[];
}

/** What the parameters of paths are. */
export const parameterNotes: Readonly<Record<string, string>> = {
  id: 'The id of the broadcast, as `broadcastId` in the answer that accepted it.',
  userId: 'The user id in the token of the person.',
  role: 'A role as tokens have it, such as `technician`.',
  roomName:
    'The name of the room, such as `work_order_7`. `user_<id>` and `role_<role>` are the rooms of a person and of a role.',
  clientId: 'The user id in the token of the client.',
  eventName:
    'The name under which clients get the event. Names that Socket.IO keeps for itself, such as `connect`, are refused.',
};
