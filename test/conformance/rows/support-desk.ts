// The brief of the support desk (WebSocket Service Documentation), line by line: its sockets and their events; the HTTP endpoints have a file of their own.
import assert from 'node:assert/strict';
import type { Brief, Row } from '../row.ts';
import type { Message, Site } from '../site.ts';
import type { Person } from './socketio.ts';
import {
  ask,
  clientOf,
  connectError,
  does,
  eventually,
  heardNothing,
  mayNot,
  people,
  personAt,
  visits,
} from './socketio.ts';
import { supportDeskEndpointRows } from './support-desk-endpoints.ts';
import { supportDeskSecurityRows } from './support-desk-security.ts';

const brief: Brief = 'support-desk';
const deskVisits = visits('clientJoined', 'clientLeft', 'clientId');

const connecting: readonly Row[] = [
  {
    brief,
    what: 'clientJoined: Notification when a new client connects',
    run: async (site) => {
      const { user, came } = deskVisits.of(site);
      const { timestamp, ...data } = await came;
      assert.deepEqual(data, { clientId: user });
      isTime(timestamp);
    },
  },
  {
    brief,
    what: "io('http://localhost:3000', { transports: ['websocket'], upgrade: false }) connects with auth: { token } added, and not without",
    run: async (site) => {
      const { page } = await personAt(site, ['agent']);
      assert.equal(page.client.io.engine.transport.name, 'websocket');
      const refusal = await connectError(clientOf(site, {}));
      assert.equal((refusal.data as Message)['code'], 'unauthenticated');
    },
  },
  {
    brief,
    what: 'connected: Welcome message when connecting',
    run: async (site) => {
      const { user, page } = await personAt(site, ['customer']);
      const { timestamp, ...welcome } = await page.next('connected');
      const message = 'Connected to WebSocket server';
      assert.deepEqual(welcome, { message, clientId: user, socketId: page.client.id });
      isTime(timestamp);
    },
  },
  {
    brief,
    what: "socket.on('disconnect'): a client that is cut off hears it, and connects again",
    run: async (site) => {
      const { page } = await personAt(site, ['customer']);
      const { client } = page;
      client.io.reconnection(true).reconnectionDelay(1);
      const cut = new Promise((resolve) => client.once('disconnect', resolve));
      const back = new Promise((resolve) => client.once('connect', resolve as () => void));
      client.io.engine.close();
      await cut;
      await back;
      await page.next('connected', ({ socketId }) => socketId === client.id);
    },
  },
];

const messages: readonly Row[] = [
  {
    brief,
    what: 'message: Send a message to all clients → messageBroadcast: Messages from other clients',
    run: async (site) => {
      const [sender, other, third] = await threeOf(site);
      const message = site.fresh('message');
      await does(sender, 'message', { message, mood: 'good' });
      for (const { page } of [other, third]) {
        const { timestamp, ...said } = await page.next('messageBroadcast', (data) => data['message'] === message);
        assert.deepEqual(said, { message, mood: 'good', clientId: sender.user });
        isTime(timestamp);
      }
      await heardNothing(site, sender, 'messageBroadcast');
    },
  },
  {
    brief,
    what: 'messageReceived: Confirmation of sent message, which may be a text',
    run: async (site) => {
      const [sender, other] = await threeOf(site);
      const message = site.fresh('message');
      sender.page.client.emit('message', message);
      const { id, timestamp, ...received } = await sender.page.next('messageReceived');
      assert.equal(typeof id, 'string');
      isTime(timestamp);
      assert.deepEqual(received, { message });
      await other.page.next('messageBroadcast', (data) => data['message'] === message);
    },
  },
  {
    brief,
    what: 'Message Persistence (future): what was said while a client was away comes when it is back',
    run: async (site) => {
      const [sender, other] = await threeOf(site);
      other.page.close();
      const message = site.fresh('message');
      await does(sender, 'message', { message });
      const back = await site.socketIo(other.token);
      await back.next('messageBroadcast', (data) => data['message'] === message);
    },
  },
];

const rooms: readonly Row[] = [
  ...(['a text', 'room', 'roomName'] as const).map((form): Row => ({
    brief,
    what: `joinRoom: Join a specific room (${form === 'a text' ? form : `{ ${form} }`}) → roomJoined: Confirmation of joining a room`,
    run: async (site) => {
      const person = await personAt(site, ['customer']);
      const room = site.fresh('room');
      person.page.client.emit('joinRoom', form === 'a text' ? room : { [form]: room });
      const { timestamp, ...joined } = await person.page.next('roomJoined');
      assert.deepEqual(joined, { room, message: `Joined room ${room}` });
      isTime(timestamp);
    },
  })),
  {
    brief,
    what: 'leaveRoom: Leave a specific room → roomLeft: Confirmation of leaving a room; its messages come no longer',
    run: async (site) => {
      const { members, outsider: leaver, room } = await roomful(site);
      const [sender, reader] = members;
      await does(leaver, 'joinRoom', room);
      await does(leaver, 'leaveRoom', room);
      const { timestamp, ...left } = await leaver.page.next('roomLeft');
      assert.deepEqual(left, { room, message: `Left room ${room}` });
      isTime(timestamp);
      await does(sender, 'roomMessage', { room, message: 'Still here?' });
      await reader.page.next('roomMessage');
      await heardNothing(site, leaver, 'roomMessage');
    },
  },
  {
    brief,
    what: 'roomMessage: Send a message to a specific room → roomMessage: Messages sent to a specific room, to its others alone',
    run: async (site) => {
      const { members, outsider, room } = await roomful(site);
      const [sender, reader] = members;
      await does(sender, 'roomMessage', { room, message: 'Hello room', clientId: 'somebody else' });
      const { timestamp, ...said } = await reader.page.next('roomMessage');
      assert.deepEqual(said, { room, message: 'Hello room', clientId: sender.user });
      isTime(timestamp);
      await Promise.all([sender, outsider].map(async (each) => heardNothing(site, each, 'roomMessage')));
      assert.equal((await mayNot(outsider, 'roomMessage', { room, message: 'Me too' }))['code'], 'forbidden');
    },
  },
];

const care: readonly Row[] = [
  {
    brief,
    what: 'Input Validation: All incoming WebSocket messages are validated',
    run: async (site) => {
      const person = await personAt(site, ['customer']);
      for (const [event, argument, field] of [
        ['message', 7, 'message'],
        ['joinRoom', {}, 'room'],
        ['leaveRoom', '', 'room'],
        ['roomMessage', { message: 'Where?' }, 'room'],
        ['roomMessage', 'Where?', 'message'],
      ] as const) {
        assert.equal((await mayNot(person, event, argument))['field'], field, event);
      }
    },
  },
  {
    brief,
    what: 'Events Not Received: Verify event names: one that does not exist is answered with those that do',
    run: async (site) => {
      const person = await personAt(site, ['customer']);
      person.page.client.emit('sendMessage', {});
      const error = await person.page.next('error');
      assert.equal(error['event'], 'sendMessage');
      assert.match(String(error['remedy']), /message, joinRoom, leaveRoom, roomMessage/);
      assert.equal((await ask(person, 'joinRoom', site.fresh('room')))['success'], true);
    },
  },
  {
    brief,
    what: 'Memory Leaks: Monitor client connection cleanup: who has gone is connected no more, and in no room',
    run: async (site) => {
      const person = await personAt(site, ['customer']);
      await does(person, 'joinRoom', site.fresh('room'));
      person.page.close();
      const look = async () => (await site.office('GET', `/websocket/clients/${person.user}/status`)).body;
      await eventually(async () => (await look())['connected'] === false, 'the client is gone');
      const { connectedAt, rooms: left } = await look();
      assert.deepEqual([connectedAt, left], [null, []]);
    },
  },
];

/** The last row, so that the others run while the grace does. */
const clientGoes: Row = {
  brief,
  what: 'clientLeft: Notification when a client disconnects (after a grace of ten seconds)',
  run: async (site) => {
    const { user, left } = deskVisits.of(site);
    deskVisits.end(site);
    const { timestamp, ...data } = await left;
    assert.deepEqual(data, { clientId: user });
    isTime(timestamp);
  },
};

export const supportDeskRows: readonly Row[] = [
  ...connecting,
  ...messages,
  ...rooms,
  ...supportDeskEndpointRows,
  ...supportDeskSecurityRows,
  ...care,
  clientGoes,
];

async function threeOf(site: Site): Promise<readonly [Person, Person, Person]> {
  return (await people(site, ['customer'], 3)) as [Person, Person, Person];
}

/** Two clients in a room, and one who is not. */
async function roomful(site: Site) {
  const [sender, reader, outsider] = await threeOf(site);
  const room = site.fresh('room');
  await Promise.all([sender, reader].map(async (each) => does(each, 'joinRoom', room)));
  return { members: [sender, reader] as const, outsider, room };
}

function isTime(value: unknown): void {
  assert.match(String(value), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
}
