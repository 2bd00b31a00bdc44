import { describe } from 'vitest';
import { createReleaseStore } from '../../agent/adapters/release-store.ts';
import { sha256 } from '../../agent/adapters/sha256.ts';
import { createFakeStore } from '../fakes/fake-store.ts';
import { makeScratch } from '../support/scratch.ts';
import { describeReleaseStore } from './release-store.suite.ts';

describe('the release store on disk', () => {
  describeReleaseStore(async () => createReleaseStore({ dir: await makeScratch(), sha256 }));
});

describe('the release store in memory that tests of the agent use', () => {
  describeReleaseStore(async () => createFakeStore().store);
});
