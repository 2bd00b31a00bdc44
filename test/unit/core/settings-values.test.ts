import { describe, expect, it } from 'vitest';
import { nearest } from '../../../agent/core/nearest.ts';
import { parseSourceUri } from '../../../agent/core/settings-source.ts';
import {
  parseAddress,
  parseDuration,
  parseHttpOrigin,
  parseSize,
} from '../../../agent/core/settings-values.ts';

describe('values of settings', () => {
  it.each([
    ['0s', 0],
    ['500ms', 500],
    ['2s', 2_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['500h', 1_800_000_000],
    ['501h', null],
    ['2', null],
    ['2 s', null],
    ['-2s', null],
    ['1.5s', null],
    ['2S', null],
    ['', null],
  ])('the duration %j is %j ms', (text, expected) => {
    expect(parseDuration(text)).toBe(expected);
  });

  it.each([
    ['100B', 100],
    ['1KiB', 1_024],
    ['64MiB', 67_108_864],
    ['8GiB', 8_589_934_592],
    ['64MB', null],
    ['64', null],
    ['1.5GiB', null],
    ['999999999999999GiB', null],
  ])('the size %j is %j bytes', (text, expected) => {
    expect(parseSize(text)).toBe(expected);
  });

  it.each([
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:8989', { host: '::1', port: 8989 }],
    ['localhost:65536', null],
    ['localhost', null],
    [':80', null],
  ])('the address %j is %j', (text, expected) => {
    expect(parseAddress(text)).toEqual(expected);
  });

  it.each([
    ['http://127.0.0.1:8989', { host: '127.0.0.1', port: 8989 }],
    ['http://127.0.0.1:8989/', { host: '127.0.0.1', port: 8989 }],
    ['https://engine', { host: 'engine', port: 443 }],
    ['http://[::1]:1', { host: '::1', port: 1 }],
    ['http://a/b', null],
    ['http://user@a', null],
    ['ftp://a', null],
  ])('the http origin %j is %j', (text, expected) => {
    expect(parseHttpOrigin(text)).toEqual(expected);
  });

  it.each([
    ['s3://bucket', { kind: 's3-layout', bucket: 'bucket' }],
    ['s3://bucket/', { kind: 's3-layout', bucket: 'bucket' }],
    ['s3://bucket/a/b/', { kind: 's3-prefix', bucket: 'bucket', prefix: 'a/b/' }],
    ['file:///srv/my%20etc/', { kind: 'directory', path: '/srv/my etc' }],
  ])('the source %s is understood', (uri, expected) => {
    expect(parseSourceUri(uri)).toEqual(expected);
  });

  it.each([
    's3://',
    's3://B',
    's3://bucket/a',
    's3://bucket/a//b/',
    's3://bucket/../',
    'file:///',
    'file://host/x',
    'file:///a/../b',
    'file:///a%',
    'file:///a?x',
    '/srv/etc',
  ])('the source %s is answered with what was expected', (uri) => {
    expect(parseSourceUri(uri)).toMatch(/^expected /);
  });

  it.each([
    ['gate.exposre', 'gate.exposure'],
    ['source.settle', 'source.settle'],
    ['colour', null],
  ])('the nearest setting to %s is %j', (word, expected) => {
    expect(nearest(word, ['source.settle', 'gate.exposure'])).toBe(expected);
  });
});
