// The peer of the latency bench: what such a company runs today, a Socket.IO server that keeps nothing.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const { user, payload } = JSON.parse(body) as { readonly user: string | null; readonly payload: unknown };
    if (user === null) io.emit('notification', payload);
    else io.to(user).emit('notification', payload);
    response.writeHead(202).end('{}');
  });
});
const io = new Server(server, { transports: ['websocket'], serveClient: false });
io.on('connection', (socket) => {
  void socket.join(String(socket.handshake.query['user']));
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${String((server.address() as AddressInfo).port)} peer is ready\n`);
});
process.on('SIGTERM', () => process.exit(0));
