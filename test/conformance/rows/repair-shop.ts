// Every curl, frame and answer that the brief prints: repair-shop.
import type { Row } from '../row.ts';

export const repairShopRows: readonly Row[] = [];
