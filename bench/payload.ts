// What the benches send: about 500 bytes, as the brief's own example with its envelope.

export const payload = {
  id: 'task-id',
  type: 'Setup',
  description: 'Task description '.repeat(12),
  priority: 'Medium',
  scheduledDateTime: '2025-08-04T12:00:00Z',
  address: '123 Main St, San Antonio, TX',
  paymentAmount: 75,
};
