// Every curl, frame and answer that the brief prints: hotel.
import type { Row } from '../row.ts';

export const hotelRows: readonly Row[] = [];
