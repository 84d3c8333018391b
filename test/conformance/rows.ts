// Every row of every brief.
import type { Row } from './row.ts';
import { contractorRows } from './rows/contractors.ts';
import { hotelRows } from './rows/hotel.ts';
import { leadsRows } from './rows/leads.ts';
import { repairShopRows } from './rows/repair-shop.ts';
import { supportDeskRows } from './rows/support-desk.ts';

export const rows: readonly Row[] = [
  ...contractorRows,
  ...hotelRows,
  ...repairShopRows,
  ...leadsRows,
  ...supportDeskRows,
];
