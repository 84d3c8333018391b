// The states of a delivery, which callers see in reports: the first five from least to most, then how it can end instead.

/** A delivery never goes back. */
export const deliveryStates = [
  'accepted',
  'queued',
  'sent',
  'delivered',
  'read',
  'expired',
  'suppressed',
  'failed',
] as const;
