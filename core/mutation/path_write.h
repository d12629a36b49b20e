// What set, unset, merge, increment and splice make of one column's value. Reads and writes no
// rows.
#ifndef TIDEMARK_CORE_MUTATION_PATH_WRITE_H_
#define TIDEMARK_CORE_MUTATION_PATH_WRITE_H_

#include <boost/json/fwd.hpp>

#include "core/base/result.h"
#include "core/mutation/payload.h"
#include "core/mutation/transaction.h"

namespace tidemark::mutation {

/// What of the payload can be checked without knowing the row, so that a malformed write fails
/// whether the row is known or not.
Status CheckPathWrite(WriteOp op, const model::Table& table, const Place& place,
                      const boost::json::value& payload);

/// The new value of the column. `payload` has passed CheckPathWrite. kConflict when the document
/// has another shape than the path expects.
Result<model::Value> ApplyPathWrite(WriteOp op, const model::Table& table, const Place& place,
                                    const boost::json::value& payload, const model::Value& before);

}  // namespace tidemark::mutation

#endif  // TIDEMARK_CORE_MUTATION_PATH_WRITE_H_
