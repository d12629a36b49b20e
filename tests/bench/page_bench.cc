// The work of ivm_tree_bench.cc in WebAssembly, compiled with the flags of the page's module;
// called and timed by page-figures.mjs in a browser.

#include <malloc.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "core/base/check.h"
#include "core/ivm/view.h"
#include "tests/bench/tracker.h"

namespace tidemark::bench {
namespace {

std::unique_ptr<Tracker> tracker;
std::unique_ptr<ivm::View> view;

}  // namespace

extern "C" {

/// Makes the tables, with a thousand comments for each 500 issues.
void Prepare(std::int32_t issues) {
  view = nullptr;
  tracker = std::make_unique<Tracker>(issues);
}

void WatchWindow() { view = std::make_unique<ivm::View>(Hydrated(*tracker, kFirstWithAll)); }
void WatchProject() { view = std::make_unique<ivm::View>(Hydrated(*tracker, kProjectWithAll)); }

/// Edits one field of a row in the middle of the view, `count` times, each a push of its own.
void Push(std::int32_t count) {
  std::vector<Value> values = view->rows()[25].values();
  values[3] = Value("one");
  const Row versions[] = {Row::Make(values), view->rows()[25]};
  for (std::int32_t i = 0; i < count; ++i) {
    const auto edits = view->Advance({tracker->Put(kIssue, versions[i % 2])});
    TIDEMARK_CHECK(edits.ok() && edits->size() == 1);
  }
}

void Hydrate(std::int32_t count) {
  for (std::int32_t i = 0; i < count; ++i) TIDEMARK_CHECK(view->Hydrate().ok());
}

/// Bytes that are allocated now, what the allocator needs for them included.
double AllocatedBytes() { return static_cast<double>(mallinfo().uordblks); }

}  // extern "C"

}  // namespace tidemark::bench
