// The tables of the log's database and the checksum of one record.
#ifndef TIDEMARK_CORE_RELAY_LOG_RECORD_H_
#define TIDEMARK_CORE_RELAY_LOG_RECORD_H_

#include <cstdint>

#include "core/base/result.h"
#include "core/mutation/mutation.h"
#include "core/store/sqlite.h"

namespace tidemark::relay {

/// Makes the tables where they are missing. Durable commits, one connection.
Status PrepareLogDatabase(store::Database& database);

/// Over everything in the record, also its place.
std::int64_t RecordChecksum(std::uint64_t seq, const mutation::Mutation& mutation);

/// Columns client, id, name, args, timestamp, seed from `first` on.
mutation::Mutation MutationAt(const store::Statement& row, int first);
/// The same as parameters from `first` on.
void BindMutation(store::Statement& statement, int first, const mutation::Mutation& mutation);

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_LOG_RECORD_H_
