// The checker is only worth what it notices: every planted bug must break its promise, and without one nothing is broken.
import { describe, expect, it } from 'vitest';
import { standardMix } from './faults.ts';
import type { Plant } from './plants.ts';
import { nothingPlanted, plantedBugs } from './plants.ts';
import type { Outcome } from './simulate.ts';
import { simulate } from './simulate.ts';
import { bounds, promises } from './verdict.ts';

const wallMsMax = 120_000;

/** A short run: sockets live shorter, so that as much happens to them, and shares are further from their means. */
async function shortRun(plant: Plant): Promise<Outcome> {
  return simulate({
    seed: 3,
    notifications: 2_000,
    plant,
    reported: 0.5,
    mix: { ...standardMix, socketLifeMs: 240_000 },
    bounds: { ...bounds, postsEachMax: 1.5, pushShareMin: 0.88 },
  });
}

describe('a planted bug', { timeout: wallMsMax }, () => {
  it('is not seen where there is none', async () => {
    const { broken } = await shortRun(nothingPlanted);

    expect(Object.fromEntries(broken)).toEqual({});
  });

  it.each(plantedBugs.map((bug, index) => ({ ...bug, number: index + 1, of: plantedBugs.length })))(
    '$number of $of: $name breaks $breaks',
    async ({ breaks, plant }) => {
      const { broken } = await shortRun(plant);

      expect([...broken.keys()]).toContain(breaks);
    },
  );

  it('is there for every promise', () => {
    expect(new Set(plantedBugs.map(({ breaks }) => breaks))).toEqual(new Set(Object.keys(promises)));
  });
});
