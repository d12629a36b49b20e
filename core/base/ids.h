// Strong types for identities and positions, so that a client's id is never passed where a query's
// key is meant.
#ifndef TIDEMARK_CORE_BASE_IDS_H_
#define TIDEMARK_CORE_BASE_IDS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace tidemark {

template <typename Tag>
struct StringId {
  std::string value;

  StringId() = default;
  explicit StringId(std::string id) : value(std::move(id)) {}
  bool empty() const { return value.empty(); }
  friend bool operator==(const StringId& a, const StringId& b) { return a.value == b.value; }
  friend bool operator!=(const StringId& a, const StringId& b) { return a.value != b.value; }
  friend bool operator<(const StringId& a, const StringId& b) { return a.value < b.value; }
};

using ClientID = StringId<struct ClientIDTag>;  // one open page; unguessable, made by the page
using ClientGroupID = StringId<struct ClientGroupIDTag>;  // one OPFS database, made by the relay
using QueryKey = StringId<struct QueryKeyTag>;      // hash of (name, args), made by the client
using PipelineID = StringId<struct PipelineIDTag>;  // hash of the resolved tree, made by the server
using RowKey = StringId<struct RowKeyTag>;          // canonical JSON array text of a primary key

/// Consecutive per client from 1; 0 stands for "none yet".
using MutationID = std::uint64_t;

/// A point in the history of one database: nothing is compared across epochs.
struct Version {
  std::string epoch;           // database id and timeline; empty before the first poke
  std::uint64_t position = 0;  // commit end LSN (Postgres) or commit number (embedded)

  friend bool operator==(const Version&, const Version&) = default;
};

}  // namespace tidemark

template <typename Tag>
struct std::hash<tidemark::StringId<Tag>> {
  std::size_t operator()(const tidemark::StringId<Tag>& id) const noexcept {
    return std::hash<std::string>()(id.value);
  }
};

#endif  // TIDEMARK_CORE_BASE_IDS_H_
