// Every curl, frame and answer that the brief prints: support-desk.
import type { Row } from '../row.ts';

export const supportDeskRows: readonly Row[] = [];
