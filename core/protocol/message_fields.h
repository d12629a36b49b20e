// The members of every message, once for both directions: a reader and a writer are each handed
// through Fields(). What is not described here does not travel. Included by codec.cc only.
#ifndef TIDEMARK_CORE_PROTOCOL_MESSAGE_FIELDS_H_
#define TIDEMARK_CORE_PROTOCOL_MESSAGE_FIELDS_H_

#include <cstddef>
#include <string_view>
#include <type_traits>

#include "core/protocol/messages.h"

namespace tidemark::protocol {

/// `M` is `T` or `const T`.
template <typename M, typename T>
concept Of = std::is_same_v<std::remove_const_t<M>, T>;

/// The `t` of each message, in the order of Message's alternatives.
inline constexpr std::string_view kMessageNames[] = {
    "hello",   "queries", "push",    "ack",    "auth",    "ping",         "sums",    "members",
    "dismiss", "clear",   "welcome", "poke",   "segment", "query_failed", "refused", "pong",
    "compare", "want",    "log",     "logged", "link",    "rejections",
};
/// Those before it travel up, the rest down.
inline constexpr std::size_t kFirstMessageDown = 10;

template <typename Io, Of<DesiredQuery> M>
void Fields(Io& io, M& m) {
  io.Field("key", m.key);
  io.Name("name", m.name);
  io.JsonIfAny("args", m.args_json);
  io.Optional("have", m.have);
  io.NumberIfAny("ask", m.ask);
  io.NumberIfAny("ttl", m.ttl);
}

template <typename Io, Of<mutation::Mutation> M>
void Fields(Io& io, M& m) {
  io.Field("client", m.client);
  io.Field("id", m.id);
  io.NameIfAny("name", m.name);
  io.JsonIfAny("args", m.args_json);
  io.Field("timestamp", m.timestamp_ms);
  io.NameIfAny("seed", m.seed);
}

template <typename Io, Of<Hello> M>
void Fields(Io& io, M& m) {
  io.Field("protocol", m.protocol);
  io.Name("build", m.build);
  io.Name("schemaHash", m.schema_hash);
  io.Json("schema", m.schema_json);
  io.Field("group", m.group);
  io.TextIfAny("auth", m.auth_token);
  io.Field("base", m.base);
  io.List("clients", m.clients, io.limits().clients_per_group_max, "clients_per_group_max");
  io.List("queries", m.queries, io.limits().queries_per_client_max, "queries_per_client_max");
}

template <typename Io, Of<ChangeQueries> M>
void Fields(Io& io, M& m) {
  io.List("put", m.put, io.limits().queries_per_client_max, "queries_per_client_max");
  io.List("remove", m.remove, io.limits().queries_per_client_max, "queries_per_client_max");
}

template <typename Io, Of<Push> M>
void Fields(Io& io, M& m) {
  io.List("mutations", m.mutations, io.limits().push_mutations_max, "push_mutations_max");
}

template <typename Io, Of<AckResults> M>
void Fields(Io& io, M& m) {
  io.List("upto", m.upto, io.limits().clients_per_group_max, "clients_per_group_max");
}

template <typename Io, Of<SetAuth> M>
void Fields(Io& io, M& m) {
  io.TextIfAny("auth", m.auth_token);
}

template <typename Io, Of<Ping> M>
void Fields(Io&, M&) {}

template <typename Io, Of<Sums> M>
void Fields(Io& io, M& m) {
  io.Field("comparison", m.comparison);
  io.Packed("sums", m.sums);
}

template <typename Io, Of<Members> M>
void Fields(Io& io, M& m) {
  io.Field("comparison", m.comparison);
  io.Packed("hashes", m.hashes);
}

template <typename Io, Of<Dismiss> M>
void Fields(Io& io, M& m) {
  io.Field("client", m.client);
  io.Field("id", m.id);
}

template <typename Io, Of<Clear> M>
void Fields(Io& io, M& m) {
  io.Field("discardPending", m.discard_pending);
}

template <typename Io, Of<Welcome> M>
void Fields(Io& io, M& m) {
  io.Field("protocol", m.protocol);
  io.Name("build", m.build);
  io.Json("auth", m.auth_json);
  io.Field("version", m.version);
  io.List("clients", m.clients);
  io.List("expired", m.expired);
}

template <typename Io, Of<MutationResult> M>
void Fields(Io& io, M& m) {
  io.Field("client", m.client);
  io.Field("id", m.id);
  io.JsonIfAny("result", m.result_json);
  io.Optional("error", m.error);
}

template <typename Io, Of<Poke> M>
void Fields(Io& io, M& m) {
  io.Field("from", m.from);
  io.Field("to", m.to);
  io.List("lmids", m.lmids);
  io.List("results", m.results);
  io.List("resolved", m.resolved);
  io.List("gone", m.gone);
  io.Field("segments", m.segments);
}

template <typename Io, Of<Segment> M>
void Fields(Io& io, M& m) {
  io.Field("pipeline", m.pipeline);
  io.Field("to", m.to);
  io.Field("reset", m.reset);
  io.Field("fingerprint", m.fingerprint);
  io.Changes("tables", m.changes);
  io.PackedIfAny("left", m.left);
}

template <typename Io, Of<QueryFailed> M>
void Fields(Io& io, M& m) {
  io.Field("key", m.key);
  io.Field("error", m.error);
  io.NumberIfAny("ask", m.ask);
}

template <typename Io, Of<Refused> M>
void Fields(Io& io, M& m) {
  io.Field("error", m.error);
}

template <typename Io, Of<Pong> M>
void Fields(Io&, M&) {}

template <typename Io, Of<Compare> M>
void Fields(Io& io, M& m) {
  io.Field("comparison", m.comparison);
  io.Field("pipeline", m.pipeline);
  io.Field("buckets", m.buckets);
}

template <typename Io, Of<Want> M>
void Fields(Io& io, M& m) {
  io.Field("comparison", m.comparison);
  io.Field("pipeline", m.pipeline);
  io.Field("buckets", m.buckets);
  io.Packed("wanted", m.wanted);
}

template <typename Io, Of<LogState> M>
void Fields(Io& io, M& m) {
  io.List("mutations", m.mutations);
  io.Field("durable", m.durable);
}

template <typename Io, Of<Logged> M>
void Fields(Io& io, M& m) {
  io.List("mutations", m.mutations);
  io.Field("durable", m.durable);
}

template <typename Io, Of<LinkState> M>
void Fields(Io& io, M& m) {
  io.Name("connection", m.connection);
  io.TextIfAny("reason", m.reason);
  io.Json("auth", m.auth_json);
}

template <typename Io, Of<Rejections::Entry> M>
void Fields(Io& io, M& m) {
  io.Field("mutation", m.mutation);
  io.Field("error", m.error);
}

template <typename Io, Of<Rejections> M>
void Fields(Io& io, M& m) {
  io.List("entries", m.entries);
}

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_MESSAGE_FIELDS_H_
