// The order-independent sum of row hashes of one query's result, over the columns of one client
// schema: fingerprint = Σ HashRow(table, projected row). Equal on both sides, or the set is
// repaired.
#ifndef TIDEMARK_CORE_HUB_FINGERPRINT_H_
#define TIDEMARK_CORE_HUB_FINGERPRINT_H_

#include <string_view>

#include "core/base/hash.h"
#include "core/model/row.h"

namespace tidemark::hub {

class Fingerprint {
 public:
  void Add(std::string_view table, const model::Row& projected) {
    sum_ = sum_ + HashRow(table, projected);
  }
  void Remove(std::string_view table, const model::Row& projected) {
    sum_ = sum_ - HashRow(table, projected);
  }
  Hash128 sum() const { return sum_; }

 private:
  Hash128 sum_;
};

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_FINGERPRINT_H_
