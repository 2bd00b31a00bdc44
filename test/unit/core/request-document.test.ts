import { describe, expect, it } from 'vitest';
import { decodeRequest, isPartialName, requestIdOf } from '../../../agent/core/request-document.ts';

const SNAPSHOT = 'ab'.repeat(32);
const asked = { id: 'one', requestedAt: 5 };
const read = (document: unknown) => decodeRequest(JSON.stringify(document), asked);
const said = { ...asked, by: 'maria', reason: 'because' };
const common = { by: 'maria', reason: 'because' };

describe('a request says what is wanted', () => {
  it.each([
    ['a restart', { kind: 'restart', ...common, now: false }, { ...said, kind: 'restart', isNow: false }],
    ['a restart now', { kind: 'restart', ...common, now: true }, { ...said, kind: 'restart', isNow: true }],
    ['a poll', { kind: 'poll', ...common }, { ...said, kind: 'poll' }],
    ['a retry', { kind: 'retry', ...common }, { ...said, kind: 'retry' }],
    ['a resume', { kind: 'resume', ...common, now: false }, { ...said, kind: 'resume' }],
    [
      'an allowed deletion',
      { kind: 'allow', ...common, hold: 'deletion', snapshot: SNAPSHOT },
      { ...said, kind: 'allow', hold: 'deletion', snapshot: SNAPSHOT, paths: [] },
    ],
    [
      'an allowed exposure of one catalog',
      { kind: 'allow', ...common, hold: 'exposure', snapshot: SNAPSHOT, paths: ['catalog/a.properties'] },
      { ...said, kind: 'allow', hold: 'exposure', snapshot: SNAPSHOT, paths: ['catalog/a.properties'] },
    ],
    ['a pause', { kind: 'pause', ...common, for: '2h' }, { ...said, kind: 'pause', forMs: 7_200_000 }],
    ['an endless pause', { kind: 'pause', ...common }, { ...said, kind: 'pause', forMs: null }],
    ['no author and no reason', { kind: 'poll' }, { ...asked, kind: 'poll', by: 'unknown', reason: '' }],
  ])('%s', (_title, document, request) => {
    expect(read(document)).toEqual({ isValid: true, value: request });
  });
});

describe('what is no request is told by path, expected and found', () => {
  it.each([
    ['no kind', {}, 'kind: expected one of restart, poll, retry, allow, pause, resume, found nothing'],
    ['another kind', { kind: 'reboot' }, 'kind: expected one of'],
    ['a list', [], 'document: expected an object, found a list'],
    ['nothing', null, 'document: expected an object, found null'],
    ['a number as author', { kind: 'poll', by: 1 }, 'by: expected a string, found 1'],
    [
      'an endless reason',
      { kind: 'poll', reason: 'x'.repeat(1_001) },
      'reason: expected at most 1000 characters, found 1001',
    ],
    ['now as a word', { kind: 'restart', now: 'yes' }, 'now: expected true or false, found string'],
    ['a misspelt field', { kind: 'restart', nwo: true }, 'expected the fields kind, by, reason, now'],
    ['a field of another kind', { kind: 'restart', for: '2h' }, 'expected the fields kind, by, reason, now'],
    ['an allow of nothing', { kind: 'allow' }, 'hold: expected one of deletion, exposure, found nothing'],
    [
      'an allow of a shortened snapshot',
      { kind: 'allow', hold: 'deletion', snapshot: 'abcd' },
      'snapshot: expected a sha256 in hex',
    ],
    [
      'paths that are none',
      { kind: 'allow', hold: 'deletion', snapshot: SNAPSHOT, paths: [1] },
      'paths[0]: expected a string, found 1',
    ],
    ['a pause of no length', { kind: 'pause', for: '0s' }, 'for: expected a duration'],
    ['a pause in words', { kind: 'pause', for: 'a while' }, 'for: expected a duration'],
    ['a pause beyond all timers', { kind: 'pause', for: '501h' }, 'for: expected a duration'],
    ['a prototype', JSON.parse('{"__proto__": {"kind": "poll"}}'), 'kind: expected one of'],
  ])('%s', (_title, document, problem) => {
    expect(read(document)).toEqual({ isValid: false, problem: expect.stringContaining(problem) });
  });

  it('the content is never quoted', () => {
    const text = '{"kind": "poll", "token": "hunter2"';
    expect(decodeRequest(text, asked)).toEqual({
      isValid: false,
      problem: 'expected JSON, found something else',
    });
  });
});

describe('the name of a file is the id of its request', () => {
  it.each([
    ['one.json', 'one'],
    ['a.b_c-D9.json', 'a.b_c-D9'],
    ['..json', '.'],
    [`${'x'.repeat(128)}.json`, 'x'.repeat(128)],
    [`${'x'.repeat(129)}.json`, null],
    ['.json', null],
    ['one.JSON', null],
    ['one', null],
    ['on e.json', null],
    ['ü.json', null],
    ['one\n.json', null],
  ])('%j: %j', (name, id) => {
    expect(requestIdOf(name)).toBe(id);
  });

  it('a file that is being written is told apart', () => {
    expect(isPartialName('.one.json.12-0123456789ab.partial')).toBe(true);
    expect(isPartialName('one.json')).toBe(false);
  });
});
