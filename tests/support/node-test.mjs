// How `node --test` is called here: a test that fails must not leave its process waiting for what it did not close, and
// one that hangs must end the run rather than outlive it.

export const endings = ['--test-force-exit', '--test-timeout=300000']
