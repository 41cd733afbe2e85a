// Changelog lines with links to the pull request and its author where GitHub can be asked (the release workflow), and plain ones elsewhere
// (a rehearsal, a maintainer's machine), which must not fail for want of a token.
const plain = require('@changesets/cli/changelog').default;
const linked = require('@changesets/changelog-github').default;

module.exports = process.env.GITHUB_TOKEN ? linked : plain;
