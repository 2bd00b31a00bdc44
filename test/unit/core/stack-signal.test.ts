import { describe, expect, it } from 'vitest';
import { type Arrival, judgeArrival, readSignalTarget } from '../../../agent/core/stack-signal.ts';

describe('who waits for the instance', () => {
  it('stands in the user data, beside the settings', () => {
    const userData = '{"settings":{},"signal":{"stack":"arn:aws:cloudformation:x","resource":"Group"}}';
    expect(readSignalTarget(userData)).toEqual({ stack: 'arn:aws:cloudformation:x', resource: 'Group' });
  });

  it('is nobody where the user data says nothing of it', () => {
    for (const userData of [null, '', '#!/bin/sh', '{"settings":{}}', '{"signal":{}}', '{"signal":', '[]']) {
      expect(readSignalTarget(userData), String(userData)).toBeNull();
    }
  });
});

describe('an instance', () => {
  const arrived: Arrival = {
    isRefused: false,
    isConfigured: true,
    system: 'acme',
    agent: { system: 'acme' },
  };

  it('has arrived when its agent lives with the settings that it was launched with', () => {
    expect(judgeArrival(arrived)).toEqual({ kind: 'success' });
  });

  it('has not arrived before, and says what is missing', () => {
    const rows: readonly (readonly [Partial<Arrival>, RegExp])[] = [
      [{ isConfigured: false, agent: null }, /first boot has not written/],
      [{ agent: null }, /no agent/],
      // The agent still runs with what was shipped: first boot has asked for its restart.
      [{ agent: { system: null } }, /other settings/],
    ];
    for (const [change, reason] of rows) {
      expect(judgeArrival({ ...arrived, ...change })).toEqual({
        kind: 'wait',
        reason: expect.stringMatching(reason),
      });
    }
  });

  it('has failed for good when first boot refused what it was launched with', () => {
    const verdict = judgeArrival({ ...arrived, isRefused: true, isConfigured: false, agent: null });
    expect(verdict.kind).toBe('failure');
  });
});
