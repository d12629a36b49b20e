// The Debian 12 packages that each task needs. A task lists the groups it uses, so that the demo
// does not install a browser and a build does not install a database.

/** @type {Record<string, string[]>} */
export const packageGroups = {
  // The wasm modules and tidemark-server.
  build: [
    'ca-certificates',
    'ccache',
    'cmake',
    'emscripten',
    'g++',
    'libboost-json1.81-dev',
    'libboost1.81-dev',
    'libcli11-dev',
    'libjavascriptcoregtk-4.1-dev',
    'libpq-dev',
    'libspdlog-dev',
    'libssl-dev',
    'libxxhash-dev',
    'ninja-build',
    'pkg-config',
    'zlib1g-dev',
  ],
  test: [
    'chromium',
    'libbenchmark-dev',
    'libgmock-dev',
    'libgtest-dev',
    'postgresql-15',
    'postgresql-client-15',
  ],
  check: ['clang-14', 'clang-format-14', 'clang-tidy-14', 'git'],
  bench: ['chromium', 'libbenchmark-dev', 'postgresql-15', 'postgresql-client-15'],
}
