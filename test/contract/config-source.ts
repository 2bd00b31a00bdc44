import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AgentError } from '../../agent/core/errors.ts';
import type { ConfigSource, ListedObject } from '../../agent/ports.ts';

/** A source and the means to change what lies in it from outside. */
export interface SourceHarness {
  readonly source: ConfigSource;
  /** The one group that the suite writes to. */
  readonly group: string;
  put(path: string, content: string | Uint8Array): Promise<void>;
  remove(path: string): Promise<void>;
  /** A source of the same kind for a place that does not exist; null where there is no such thing. */
  readonly missing: ConfigSource | null;
  close(): Promise<void>;
}

const bytesOf = (text: string) => new TextEncoder().encode(text);
const never = () => new AbortController().signal;

/** What every `ConfigSource` must do. Run it on each adapter and on the fake. */
export function describeConfigSource(name: string, create: () => Promise<SourceHarness>): void {
  describe(`config source: ${name}`, () => {
    let harness: SourceHarness;
    beforeEach(async () => {
      harness = await create();
    });
    afterEach(() => harness.close());

    const list = () => harness.source.list(never());
    const find = async (path: string): Promise<ListedObject> => {
      const found = (await list()).find((object) => object.path === path);
      if (found === undefined) throw new Error(`${path} is not listed`);
      return found;
    };

    test('a source in which nothing lies has an empty listing', async () => {
      expect(await list()).toEqual([]);
    });

    test('the listing names every object with group, path, size and time', async () => {
      const contents = {
        'catalog/a.properties': 'connector.name=datomic\n',
        'datomic/a.edn': '{}',
        'datomic/views/x.txt': 'a view',
        'deep/er/and/deeper.txt': '',
        'manifest.json': '{}',
      };
      const before = Date.now();
      for (const [path, content] of Object.entries(contents)) await harness.put(path, content);
      const listed = await list();
      const shown = Object.fromEntries(listed.map(({ path, size }) => [path, size]));
      expect(shown).toEqual(
        Object.fromEntries(Object.entries(contents).map(([path, content]) => [path, content.length])),
      );
      for (const { group, modifiedAt, tag } of listed) {
        expect(group).toBe(harness.group);
        // S3 has whole seconds.
        expect(modifiedAt).toBeGreaterThan(before - 2_000);
        expect(modifiedAt).toBeLessThan(Date.now() + 2_000);
        expect(tag).not.toBe('');
      }
    });

    test('names with blanks, signs and other alphabets come back as they were written', async () => {
      const paths = ['datomic/a b+c%20d&e.edn', 'datomic/größe-名前.edn', "catalog/it's=(1).properties"];
      for (const path of paths) await harness.put(path, path);
      expect((await list()).map(({ path }) => path).sort()).toEqual([...paths].sort());
      for (const path of paths) {
        expect(await harness.source.read(await find(path), never())).toEqual(bytesOf(path));
      }
    });

    test('a listing of more than a thousand objects is whole', async () => {
      const paths = Array.from({ length: 1_050 }, (_, index) => `datomic/m${index}.edn`);
      for (let at = 0; at < paths.length; at += 50) {
        await Promise.all(paths.slice(at, at + 50).map((path) => harness.put(path, '{}')));
      }
      expect(new Set((await list()).map(({ path }) => path))).toEqual(new Set(paths));
    });

    test('a tag stays while an object stays, and changes with content of the same size', async () => {
      await harness.put('datomic/a.edn', '{:a 1}');
      const first = await find('datomic/a.edn');
      expect((await find('datomic/a.edn')).tag).toBe(first.tag);
      await harness.put('datomic/a.edn', '{:a 2}');
      expect((await find('datomic/a.edn')).tag).not.toBe(first.tag);
    });

    test.each([
      ['text', bytesOf('{:tables {}}')],
      ['nothing', new Uint8Array()],
      ['every byte', Uint8Array.from({ length: 256 }, (_, index) => index)],
      ['300 KiB', new Uint8Array(300 * 1024).fill(7)],
    ])('an object that holds %s is read byte for byte', async (_title, bytes) => {
      await harness.put('datomic/a.edn', bytes);
      const read = await harness.source.read(await find('datomic/a.edn'), never());
      expect(Buffer.compare(read ?? Buffer.from('none'), bytes)).toBe(0);
    });

    test('an object that was replaced since the listing is not read', async () => {
      await harness.put('datomic/a.edn', 'old');
      const listed = await find('datomic/a.edn');
      await harness.put('datomic/a.edn', 'new');
      expect(await harness.source.read(listed, never())).toBeNull();
    });

    test('an object that was deleted since the listing is not read', async () => {
      await harness.put('datomic/a.edn', 'old');
      const listed = await find('datomic/a.edn');
      await harness.remove('datomic/a.edn');
      expect(await harness.source.read(listed, never())).toBeNull();
    });

    test('a manifest is absent, found, unchanged, found anew and absent again', async () => {
      const { source, group } = harness;
      const read = (tag: string | null) => source.readManifest(group, tag, never());
      expect(await read(null)).toEqual({ kind: 'absent' });
      await harness.put('manifest.json', '{"version":1}');
      const first = await read(null);
      expect(first).toMatchObject({ kind: 'found', bytes: bytesOf('{"version":1}') });
      const { tag } = await find('manifest.json');
      expect(first).toMatchObject({ tag });
      expect(await read(tag)).toEqual({ kind: 'unchanged' });
      await harness.put('manifest.json', '{"version":2}');
      const second = await read(tag);
      expect(second).toMatchObject({ kind: 'found', bytes: bytesOf('{"version":2}') });
      expect(second).not.toMatchObject({ tag });
      await harness.remove('manifest.json');
      expect(await read(tag)).toEqual({ kind: 'absent' });
    });

    test('a call whose signal is aborted rejects at once, with an error of ours', async () => {
      await harness.put('datomic/a.edn', 'x');
      const listed = await find('datomic/a.edn');
      const { source, group } = harness;
      const signal = AbortSignal.abort();
      const calls = [
        source.list(signal),
        source.read(listed, signal),
        source.readManifest(group, null, signal),
      ];
      for (const call of calls) {
        await expect(call).rejects.toBeInstanceOf(AgentError);
        await expect(call).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' });
      }
    });

    test('a place that does not exist is missing, not empty', async () => {
      if (harness.missing === null) {
        // A source in memory has no place: it always exists.
        expect(harness.source.uri).toBe('fake://source');
        return;
      }
      const { missing } = harness;
      await expect(missing.list(never())).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
      await expect(missing.readManifest(harness.group, null, never())).rejects.toMatchObject({
        code: 'SOURCE_MISSING',
      });
      const watcher = await missing.watch(() => undefined);
      await watcher.close();
    });

    test('a watch can be opened and closed, and says nothing after that', async () => {
      let events = 0;
      const watcher = await harness.source.watch(() => {
        events += 1;
      });
      await watcher.close();
      const eventsAtClose = events;
      await harness.put('datomic/a.edn', 'x');
      await list();
      expect(events).toBe(eventsAtClose);
    });
  });
}
