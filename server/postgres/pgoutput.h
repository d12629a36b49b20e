// Decodes the messages of Postgres' logical replication (plugin pgoutput, protocol version 1, text
// tuples) into whole transactions. Sees bytes only: no connection, no replica.
// Invariant: a transaction comes out once, complete, with its changes in the order they were made.
#ifndef TIDEMARK_SERVER_POSTGRES_PGOUTPUT_H_
#define TIDEMARK_SERVER_POSTGRES_PGOUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/model/value.h"
#include "server/postgres/catalog.h"

namespace tidemark::server {

/// `nullopt`: a large value that this update did not touch, and that was not sent.
using DecodedRow = std::vector<std::optional<model::Value>>;

struct DecodedChange {
  enum class Kind : std::uint8_t { kPut, kDelete, kTruncate };
  Kind kind = Kind::kPut;
  std::size_t table = 0;                                  // in the catalog
  DecodedRow row = {};                                    // kPut
  std::optional<std::vector<model::Value>> old_key = {};  // kDelete; kPut if the key changed
};

struct DecodedTransaction {
  std::uint64_t end_lsn = 0;
  std::vector<DecodedChange> changes;
  std::size_t bytes = 0;  // as received
};

class PgOutput {
 public:
  /// `catalog` outlives the decoder.
  explicit PgOutput(const Catalog& catalog) : catalog_(catalog) {}

  /// The transaction that this message completes, if it does. kCorrupt for what cannot be decoded,
  /// kInvalidArgs for a table that lost a column of the schema.
  Result<std::optional<DecodedTransaction>> Decode(std::string_view message);
  /// Begun, and not complete yet.
  bool in_transaction() const { return in_transaction_; }

 private:
  class Reader;
  struct Relation {
    std::size_t table;
    std::vector<std::size_t> positions;  // of each schema column in the tuple
  };

  Status ReadRelation(Reader& reader);
  Status ReadTruncate(Reader& reader);
  Status ReadChange(char kind, Reader& reader);
  Result<DecodedRow> ReadTuple(Reader& reader, const Relation& relation) const;
  Result<std::vector<model::Value>> ReadKey(Reader& reader, const Relation& relation) const;

  const Catalog& catalog_;
  std::unordered_map<std::uint32_t, Relation> relations_;  // those of the catalog
  DecodedTransaction open_;
  bool in_transaction_ = false;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_PGOUTPUT_H_
