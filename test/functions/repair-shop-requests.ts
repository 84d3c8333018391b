// Good requests to each route of the repair shop.
import type { HttpRouteName } from '../../shared/protocol/routes.ts';

export const path = { userId: '1', roomName: 'work_order_7', role: 'technician', id: '7' };
export const testMessage = { event: 'test', data: { message: 'do-not-log' } };
export const notification = { title: 'Parts are here', message: 'do-not-log' };
export const workOrder = { id: 7, note: 'do-not-log' };

/** A good body for each route that takes one. */
export const bodies: Partial<Record<HttpRouteName, object>> = {
  emitToUser: testMessage,
  emitToRoom: testMessage,
  emitToRole: testMessage,
  notifyStaff: { role: 'technician', notification },
  updateWorkOrder: { workOrder, updatedBy: 'ann' },
  assignWorkOrder: { technicianId: 5, previousTechnicianId: 6, workOrder },
  updateTicket: { ticket: { id: 't' } },
};
