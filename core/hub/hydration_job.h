// The reading of one query's whole result, to send it or to hold it against what a receiver has, as
// a value: handed out by the hub, run by its host on any thread against a pinned snapshot of the
// replica, and given back. Everything whose cost is the size of a result happens here: reading,
// hashing, writing the frame.
//
// Invariant: a job shares no row with anybody. It brings its query as text, and the rows that its
// pipeline holds were read by it alone; so it may go from thread to thread as a whole. The store
// that it was run on must keep none of them (a store of the job's own keeps nothing).
#ifndef TIDEMARK_CORE_HUB_HYDRATION_JOB_H_
#define TIDEMARK_CORE_HUB_HYDRATION_JOB_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/hub/client_schema.h"
#include "core/hub/fingerprint.h"
#include "core/hub/frame.h"
#include "core/hub/set_comparison.h"
#include "core/ivm/pipeline.h"
#include "core/model/schema.h"
#include "core/store/source.h"
#include "core/store/switched_store.h"

namespace tidemark::hub {

/// What a job brings back: the result of its query at one version.
struct Hydration {
  Version version;
  std::size_t row_count = 0;
  Fingerprint fingerprint;  // in the columns of the job's client schema
  Frame frame;              // the result as a reset segment at `version`; not of a comparison
  std::vector<SetComparison::Lack> lacks;  // of each comparison of the order
  /// Maintains the result from `version` on, reading `store`. Only where the order wants it.
  std::unique_ptr<store::SwitchedStore> store;
  std::unique_ptr<ivm::Pipeline> pipeline;
};

class HydrationJob {
 public:
  struct Order {
    PipelineID pipeline;
    std::string ast_json;  // a query that parses
    ClientSchema client;   // in whose columns
    std::size_t rows_max = 0;
    bool keeps_pipeline = false;
    /// A session of the hub, and what it said of what it holds.
    struct Compared {
      std::uint64_t session;
      SetComparison comparison;
    };
    /// If there are any, only what these lack is wanted.
    std::vector<Compared> compared = {};
  };

  /// `schema` is the server's; it outlives the job, and `snapshot` below is of it.
  HydrationJob(const model::Schema& schema, Order order)
      : schema_(schema), order_(std::move(order)) {}

  const Order& order() const { return order_; }

  /// `snapshot` is at `version` and stays there until this returns.
  void Run(const store::Store& snapshot, const Version& version);
  /// There is no snapshot to run on.
  void Fail(Error error) { result_ = std::move(error); }
  /// The snapshot shows what the replica shows at `version`, an earlier one.
  void ShowsNoMoreThan(const Version& version);

  Result<Hydration>& result() { return result_; }

 private:
  Result<Hydration> Read(const store::Store& snapshot, const Version& version) const;

  const model::Schema& schema_;
  Order order_;
  Result<Hydration> result_ = Error{ErrorCode::kInternal, "a hydration was not run"};
};

/// What a query with more rows than it may have is told.
Error TooManyRows(const model::Table& table, std::size_t rows_max);

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_HYDRATION_JOB_H_
