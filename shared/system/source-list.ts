// Which networks may call the HTTP API, by the address of the socket; forwarded headers are never looked at.
import { BlockList, isIP, isIPv4 } from 'node:net';
import type { SourceList } from '../ports.ts';

/** @param entries CIDR blocks or addresses, v4 or v6; empty allows every source. Throws when one cannot be read. */
export function openSourceList(entries: readonly string[]): SourceList {
  if (entries.length === 0) return { allows: () => true };
  const list = new BlockList();
  for (const entry of entries) addEntry(list, entry);
  return {
    allows(address) {
      // BlockList matches v4-mapped v6 addresses (::ffff:192.0.2.1) against v4 rules by itself.
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 4 ? 'ipv4' : 'ipv6');
    },
  };
}

function addEntry(list: BlockList, entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/');
  const bitsMax = isIPv4(address) ? 32 : 128;
  const bits = prefix === undefined ? bitsMax : Number(prefix);
  const readable =
    isIP(address) !== 0 && rest.length === 0 && prefix !== '' && Number.isInteger(bits) && bits >= 0 && bits <= bitsMax;
  if (!readable) throw new Error(`ALLOWED_SOURCES holds ${JSON.stringify(entry)}, which is no CIDR block`);
  list.addSubnet(address, bits, isIPv4(address) ? 'ipv4' : 'ipv6');
}
