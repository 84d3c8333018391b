// Which paths a cache behaviour of CloudFront takes.

const UNRESERVED = /[\w.~-]/;

/**
 * Tells whether a path, without its query, matches. `*` stands for any characters, `?` for one; case counts, and a
 * pattern means the same with and without a slash in front.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesCacheBehavior.html
 */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const rooted = pattern.startsWith('/') || pattern.startsWith('*') ? pattern : `/${pattern}`;
  const source = rooted
    .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^${source}$`, 's');
  return (path) => expression.test(normalPath(path));
}

/**
 * The form that CloudFront matches: as RFC 3986 normalizes it, without dot segments and needless percent-encoding, and
 * with one slash where there were several. What is passed on stays as it was sent.
 */
export function normalPath(path: string): string {
  // `OPTIONS *` has no path.
  if (!path.startsWith('/')) return path;
  const { pathname } = new URL(`http://edge${path.replace(/\/{2,}/g, '/')}`);
  return pathname.replace(/%[\da-f]{2}/gi, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return UNRESERVED.test(character) ? character : encoded.toUpperCase();
  });
}
