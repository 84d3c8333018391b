// The brief of the support desk: who may call its fourteen endpoints, from which pages, how often, and with what.
import assert from 'node:assert/strict';
import type { Brief, Row } from '../row.ts';
import type { Message } from '../site.ts';
import { personAt } from './socketio.ts';

const brief: Brief = 'support-desk';

/** What each of the eleven takes. */
const welcome = { type: 'info', title: 'Welcome', message: 'Welcome to our service!' };

const sendings = [
  ...['notify/client/a', 'notify/room/a', 'notify/broadcast', 'chat/client/a', 'chat/room/a'],
  ...['event/client/a/tried', 'event/room/a/tried', 'event/broadcast/tried'],
  ...['whatsapp/status/a', 'whatsapp/message/a', 'conversation/a'],
].map((path) => ['POST', `/websocket/${path}`] as const);
const readings = ['status', 'clients', 'clients/a/status'].map((path) => ['GET', `/websocket/${path}`] as const);

export const supportDeskSecurityRows: readonly Row[] = [
  {
    brief,
    what: 'Authentication (future): all fourteen endpoints take the API key or an admin’s token, and nobody else',
    run: async (site) => {
      const listener = await personAt(site, ['customer']);
      const [customer, admin] = await Promise.all([site.token('somebody', ['agent']), site.token('boss', ['admin'])]);
      for (const [method, path] of [...sendings, ...readings]) {
        const body = method === 'POST' ? welcome : undefined;
        const answers = await Promise.all([
          site.call(method, path, { body }),
          site.person('YOUR_TOKEN', method, path, body),
          site.person(customer, method, path, body),
          site.person(admin, method, path, body),
          site.office(method, path, body),
        ]);
        const ok = method === 'POST' ? 202 : 200;
        assert.deepEqual(
          answers.map(({ status: code }) => code),
          [401, 401, 403, ok, ok],
          `${method} ${path}`,
        );
      }
      // What was sent to everybody has come before the next row begins.
      for (const event of ['notification', 'notification', 'tried', 'tried']) await listener.page.next(event);
    },
  },
  {
    brief,
    what: 'Input Validation: each endpoint says which field is wrong, and events have no name that Socket.IO uses itself',
    run: async (site) => {
      for (const [path, wrong, field] of [
        ['notify/client/a', { type: 'info', message: 'No title' }, 'title'],
        ['notify/room/a', { type: 'info', title: 'No message' }, 'message'],
        ['notify/broadcast', { title: 'No type', message: 'No type' }, 'type'],
        ['chat/client/a', {}, 'message'],
        ['event/broadcast/disconnect', {}, 'path eventName'],
        ['whatsapp/status/a', [], 'body'],
      ] as const) {
        const answer = await site.office('POST', `/websocket/${path}`, wrong);
        assert.equal(answer.status, 400, path);
        assert.equal((answer.body['error'] as Message)['field'], field, path);
      }
    },
  },
  {
    brief,
    what: 'Rate Limiting (future): each answer says how many calls are left',
    run: async (site) => {
      const left = async () =>
        Number((await site.office('GET', '/websocket/status')).headers.get('ratelimit-remaining'));
      const [before, after] = [await left(), await left()];
      assert.ok(before > 0 && after > 0 && after !== before);
    },
  },
  {
    brief,
    what: 'CORS support for cross-origin connections: CORS_ORIGIN=* lets a page of any origin call, and read the answer',
    run: async (site) => {
      const path = '/websocket/notify/broadcast';
      const origin = 'https://app.example.com';
      const preflight = await site.call('OPTIONS', path, {
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'content-type,x-internal-api-key',
        },
      });
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
      assert.match(String(preflight.headers.get('access-control-allow-methods')), /POST/);
      assert.match(String(preflight.headers.get('access-control-allow-headers')), /x-internal-api-key/);
      const read = await site.call('GET', '/websocket/status', { headers: { origin, 'x-api-key': site.apiKey } });
      assert.deepEqual([read.status, read.headers.get('access-control-allow-origin')], [200, '*']);
    },
  },
];
