// The languages of the sockets in one place: each is a pure translation between the texts of its clients and frames of Bellhop.
import { readBellhop, writeBellhop } from './bellhop-socket.ts';
import { readHotel, writeHotel } from './hotel-socket.ts';
import { readLeads, writeLeads } from './leads-socket.ts';
import { readSocketIo, writeSocketIo } from './socketio-socket.ts';
import type { SocketDialects } from '../ports.ts';

export const socketDialects: SocketDialects = {
  read: (dialect, text) => {
    switch (dialect) {
      case 'bellhop':
        return readBellhop(text);
      case 'hotel':
        return readHotel(text);
      case 'leads':
        return readLeads(text);
      case 'socketio':
        return readSocketIo(text);
    }
  },
  write: (dialect, frame) => {
    switch (dialect) {
      case 'bellhop':
        return writeBellhop(frame);
      case 'hotel':
        return writeHotel(frame);
      case 'leads':
        return writeLeads(frame);
      case 'socketio':
        return writeSocketIo(frame);
    }
  },
};
