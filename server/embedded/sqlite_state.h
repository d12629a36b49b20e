// What Tidemark itself keeps in an embedded database, beside the app's tables: the version, the
// clients with their last mutation ids, and the results that were not acknowledged yet.
//   tidemark_version  one row: epoch, position
//   tidemark_client   client, client_group, subject, lmid, created_ms, seen_ms
//   tidemark_result   client, id, result, error: until acknowledged
// Reads only see what the connection's transaction sees.
#ifndef TIDEMARK_SERVER_EMBEDDED_SQLITE_STATE_H_
#define TIDEMARK_SERVER_EMBEDDED_SQLITE_STATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/model/schema.h"
#include "core/store/sqlite.h"
#include "server/authority.h"

namespace tidemark::server {

/// A client that was not seen for this long is forgotten; what it still has queued is `expired`.
inline constexpr std::int64_t kClientHorizonMs = std::int64_t{90} * 24 * 60 * 60 * 1000;

/// Creates what is missing: the app's tables (kConflict if that would destroy data) and our own.
/// `new_epoch` names the history of a database that is new. Forgets clients beyond the horizon.
Status PrepareDatabase(store::Database& database, const model::Schema& schema,
                       std::string_view new_epoch, std::int64_t now_ms);

Result<Version> ReadVersion(store::Database& database);

struct ClientRow {
  ClientGroupID group;
  std::string subject;
  MutationID lmid = 0;
  std::int64_t created_ms = 0;
};
Result<std::optional<ClientRow>> ReadClient(store::Database& database, const ClientID& client);
/// kForbidden if the group was made by another subject, kLimit if it may have no more clients.
Status CheckNewClient(store::Database& database, const ClientGroupID& group,
                      const std::string& subject, std::size_t clients_max);

/// When the client says that it was made (the beginning of its id), if it says so.
std::optional<std::int64_t> CreationTimeMs(const ClientID& client);

/// kForbidden if a client or the group belongs to somebody else.
Result<GroupState> ReadGroup(store::Database& database, const ClientGroupID& group,
                             const std::string& subject,
                             const std::vector<protocol::ClientState>& clients,
                             std::int64_t now_ms);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_EMBEDDED_SQLITE_STATE_H_
