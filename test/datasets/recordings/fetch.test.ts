import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { sha256 } from '../../../core/digest.js';
import { fetchRecordings } from '../../../datasets/recordings/fetch.js';
import { temporaryFolder } from '../sample-dataset.js';

/** Small stand-ins for the published files; the real table is checked in contactnets-cube.test.ts. */
const FILES = vi.hoisted(() =>
  Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.pt`, Buffer.alloc(3000 + i, i + 1)])),
);

vi.mock('../../../datasets/recordings/contactnets-cube-digests.js', async () => {
  const { createHash } = await import('node:crypto');
  const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  return {
    CUBE_SHA256: Object.fromEntries(Object.entries(FILES).map(([name, bytes]) => [name, digest(bytes)])),
  };
});

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/tosses`;
}

const nameOf = (url: string | undefined): string => url!.slice('/tosses/'.length);
const good: RequestListener = (request, response) => {
  const bytes = FILES[nameOf(request.url)];
  response.writeHead(bytes === undefined ? 404 : 200).end(bytes);
};

const NAME = 'contactnets-cube';
const fast = { retryDelayMs: 1 };

describe('fetchRecordings', () => {
  it('downloads every file, tells its progress and what it left out', async () => {
    const target = join(await temporaryFolder(), 'a/b');
    const done: number[] = [];
    const fetched = await fetchRecordings(NAME, target, {
      baseUrl: `${await serve(good)}/`,
      onProgress: (p) => done.push(p.done),
    });
    expect(fetched).toEqual({ downloaded: 20, kept: 0, withoutDigest: 124 });
    expect(done).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect((await readdir(target)).sort()).toEqual(Object.keys(FILES).sort());
    for (const [name, bytes] of Object.entries(FILES))
      expect(await readFile(join(target, name))).toEqual(bytes);
  });

  it('keeps files that are right and replaces those that are not', async () => {
    const target = await temporaryFolder();
    for (const name of ['0.pt', '1.pt', '2.pt']) await writeFile(join(target, name), FILES[name]!);
    await writeFile(join(target, '3.pt'), FILES['3.pt']!.subarray(0, 100));
    await writeFile(join(target, '4.pt.partial'), 'left by a killed run');
    const asked: string[] = [];
    const baseUrl = await serve((request, response) => {
      asked.push(nameOf(request.url));
      good(request, response);
    });
    expect(await fetchRecordings(NAME, target, { baseUrl })).toMatchObject({ downloaded: 17, kept: 3 });
    expect(asked).not.toContain('1.pt');
    expect(await readFile(join(target, '3.pt'))).toEqual(FILES['3.pt']);
    expect(await readdir(target)).toHaveLength(20);
  });

  it('tries again after 500 and after a connection closed midway', async () => {
    const target = await temporaryFolder();
    const attempts = new Map<string, number>();
    const baseUrl = await serve((request, response) => {
      const name = nameOf(request.url);
      const attempt = (attempts.get(name) ?? 0) + 1;
      attempts.set(name, attempt);
      if (name === '5.pt' && attempt === 1) return response.writeHead(500).end('busy');
      if (name === '6.pt' && attempt <= 2) {
        response.writeHead(200, { 'content-length': FILES[name]!.length });
        response.write(FILES[name]!.subarray(0, 1000), () => response.destroy());
        return;
      }
      good(request, response);
    });
    expect(await fetchRecordings(NAME, target, { baseUrl, ...fast })).toMatchObject({ downloaded: 20 });
    expect([attempts.get('5.pt'), attempts.get('6.pt'), attempts.get('7.pt')]).toEqual([2, 3, 1]);
    expect(sha256(await readFile(join(target, '6.pt')))).toBe(sha256(FILES['6.pt']!));
  });

  it('gives up after four attempts, keeps what is complete and goes on later', async () => {
    const target = await temporaryFolder();
    let broken = true;
    const baseUrl = await serve((request, response) => {
      if (broken && nameOf(request.url) === '19.pt') response.writeHead(503).end();
      else good(request, response);
    });
    await expect(fetchRecordings(NAME, target, { baseUrl, ...fast })).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/19\.pt in 4 attempts: the server answered 503/),
    });
    const kept = (await readdir(target)).length;
    expect(kept).toBeGreaterThan(10);
    broken = false;
    expect(await fetchRecordings(NAME, target, { baseUrl, ...fast })).toMatchObject({
      kept,
      downloaded: 20 - kept,
    });
  });

  it('refuses wrong bytes and writes none of them', async () => {
    const target = await temporaryFolder();
    const baseUrl = await serve((request, response) => {
      if (nameOf(request.url) === '8.pt') response.end('<html>sign in first</html>');
      else good(request, response);
    });
    await expect(fetchRecordings(NAME, target, { baseUrl })).rejects.toMatchObject({
      code: 'digest-mismatch',
      message: expect.stringContaining(sha256(FILES['8.pt']!)),
    });
    expect((await readdir(target)).filter((name) => name.startsWith('8.'))).toEqual([]);
  });

  it('does not repeat 404, and says what to check', async () => {
    let asked = 0;
    const baseUrl = await serve((_request, response) => {
      asked++;
      response.writeHead(404).end();
    });
    await expect(fetchRecordings(NAME, await temporaryFolder(), { baseUrl, ...fast })).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('answered 404'),
    });
    expect(asked).toBeLessThanOrEqual(6);
  });

  it('says that the server cannot be reached', async () => {
    const baseUrl = await serve(good);
    await new Promise((done) => servers.pop()!.close(done));
    await expect(fetchRecordings(NAME, await temporaryFolder(), { baseUrl, ...fast })).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/ECONNREFUSED.*Check the connection/),
    });
  });

  it('stops when asked, even while a server says nothing', async () => {
    const target = await temporaryFolder();
    const controller = new AbortController();
    const baseUrl = await serve((request, response) => {
      if (nameOf(request.url) === '9.pt') setTimeout(() => controller.abort(), 10);
      else good(request, response);
    });
    await expect(fetchRecordings(NAME, target, { baseUrl, signal: controller.signal })).rejects.toMatchObject(
      { code: 'interrupted' },
    );
    expect((await readdir(target)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('names an unknown set, and a target that cannot be a folder', async () => {
    await expect(fetchRecordings('kitti', '/tmp/x')).rejects.toMatchObject({ code: 'invalid-input' });
    const target = await temporaryFolder();
    await mkdir(join(target, 'x'));
    await writeFile(join(target, 'file'), '');
    await expect(fetchRecordings(NAME, join(target, 'file/x'))).rejects.toMatchObject({ code: 'io' });
  });
});
