import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/**
 * An npm registry in memory, on loopback: takes what is published, serves it, and sends every other request on to the registry
 * that npm is configured for. (Verdaccio, the registry one would take, wants Node 22 and brings two hundred packages.)
 *
 * @param {{ upstream: string }} options where everything else comes from, without a slash at the end
 * @returns {Promise<{ url: string, packages: Map<string, object>, tarballs: Map<string, Buffer>, close(): Promise<void> }>}
 */
export async function startRegistry({ upstream }) {
  const packages = new Map();
  const tarballs = new Map();
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://registry').pathname.slice(1));
    const answer = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    try {
      if (request.method === 'PUT') {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        publish(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        return answer(201, { ok: true });
      }
      if (tarballs.has(path)) return response.writeHead(200).end(tarballs.get(path));
      if (packages.has(path)) return answer(200, packages.get(path));
      // Packages of the house come from here or not at all.
      if (path.startsWith('@mnist/')) return answer(404, { error: `${path} is not published` });
      response.writeHead(302, { location: `${upstream}${request.url}` }).end();
    } catch (error) {
      answer(error.status ?? 500, { error: error.message });
    }
  });

  function publish({ name, versions, _attachments, 'dist-tags': tags }) {
    const known = packages.get(name) ?? { name, versions: {}, 'dist-tags': {}, time: {} };
    for (const [version, manifest] of Object.entries(versions)) {
      if (known.versions[version]) {
        throw Object.assign(new Error(`${name}@${version} is published already`), { status: 409 });
      }
      const [attachment] = Object.values(_attachments);
      const bytes = Buffer.from(attachment.data, 'base64');
      const file = `${name}/-/${name.split('/').at(-1)}-${version}.tgz`;
      tarballs.set(file, bytes);
      const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
      const shasum = createHash('sha1').update(bytes).digest('hex');
      const dist = { ...manifest.dist, tarball: `${url}/${file}`, integrity, shasum, size: bytes.length };
      known.versions[version] = { ...manifest, dist };
      known.time[version] = new Date().toISOString();
    }
    Object.assign(known['dist-tags'], tags);
    packages.set(name, known);
  }

  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    packages,
    /** By their path below the registry's address. */
    tarballs,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
