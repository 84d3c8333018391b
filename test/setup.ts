// Runs before every test file: from here on only the loopback can be reached, and no AWS credentials can be found.
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { Socket } from 'node:net';
import { devNull } from 'node:os';

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3})$/i;

/** Endpoints that somebody running the contracts against DynamoDB Local or a real account has named. */
const namedEndpoints = ['TEST_DYNAMODB_ENDPOINT', 'TEST_SQS_ENDPOINT'];

/** The host without the brackets of an IPv6 address in a URL. */
function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

/** The hosts beyond the loopback that tests may reach. */
export function namedHosts(env: NodeJS.ProcessEnv): readonly string[] {
  return namedEndpoints.flatMap((name) => {
    const address = env[name];
    return address === undefined || address === '' ? [] : [bare(new URL(address).hostname)];
  });
}

/** Throws unless a test may talk to this host. */
export function refuseOutside(host: string, allowed: readonly string[]): void {
  if (loopback.test(bare(host)) || allowed.includes(bare(host))) return;
  throw new Error(
    `A test tried to reach ${host}. Tests reach the loopback only: start what it needs on 127.0.0.1, or pass a fake. (${namedEndpoints.join(' and ')} name exceptions.)`,
  );
}

/** Takes every AWS setting away, and points the SDK at no file and no metadata service. */
export function forgetAws(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(env)) if (name.startsWith('AWS_')) Reflect.deleteProperty(env, name);
  env['AWS_CONFIG_FILE'] = devNull;
  env['AWS_SHARED_CREDENTIALS_FILE'] = devNull;
  env['AWS_EC2_METADATA_DISABLED'] = 'true';
  // Node 20 develops, the deployed functions run on a newer one; the SDK would say so in every process.
  env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
}

/** The host that `connect` was asked for; null for a socket of the file system, which is no network. */
function hostOf(parameters: readonly unknown[]): string | null {
  // net.connect and tls.connect pass their own parameters as one array.
  const [first, second]: readonly unknown[] = Array.isArray(parameters[0]) ? parameters[0] : parameters;
  if (typeof first === 'object' && first !== null) {
    if ('path' in first && typeof first.path === 'string') return null;
    return 'host' in first && typeof first.host === 'string' ? first.host : 'localhost';
  }
  if (typeof first === 'string' && !/^\d+$/.test(first)) return null;
  return typeof second === 'string' ? second : 'localhost';
}

/** Puts a check before a function; its parameters and its answer stay as they are. */
function guarded<Target extends object>(target: Target, check: (parameters: readonly unknown[]) => void): Target {
  return new Proxy(target, {
    apply(original, self, parameters: unknown[]): unknown {
      check(parameters);
      return Reflect.apply(original as (...all: unknown[]) => unknown, self, parameters);
    },
  });
}

// The guard holds for this process. Worker threads and child processes have their own sockets, but start with the
// environment that is left here: no credentials, no regions, no endpoints.
const allowed = namedHosts(process.env);
forgetAws(process.env);

// eslint-disable-next-line @typescript-eslint/unbound-method -- the proxy calls it on the socket that it was called on
Socket.prototype.connect = guarded(Socket.prototype.connect, (parameters) => {
  const host = hostOf(parameters);
  if (host !== null) refuseOutside(host, allowed);
});

function refuseLookup([host]: readonly unknown[]): void {
  refuseOutside(String(host), allowed);
}
dns.lookup = guarded(dns.lookup, refuseLookup);
dns.promises.lookup = guarded(dns.promises.lookup, refuseLookup);
// `import { lookup } from 'node:dns'` sees the guarded one as well.
syncBuiltinESMExports();
