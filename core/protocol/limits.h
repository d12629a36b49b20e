// Every bound in one place, with its reason. Server flags override those marked (flag); the error
// names the limit.
#ifndef TIDEMARK_CORE_PROTOCOL_LIMITS_H_
#define TIDEMARK_CORE_PROTOCOL_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace tidemark::protocol {

struct Limits {
  // One frame from a client (flag). A mutation carries at most a document; larger things belong in
  // a file store.
  std::size_t message_bytes_max = 4u << 20;
  // One frame from the server: a first hydration of a large query is one segment.
  std::size_t segment_bytes_max = 256u << 20;
  // A client's token (flag). Claims are a few hundred bytes; those of an enterprise a few thousand.
  std::size_t token_bytes_max = 16u << 10;
  // Mutations waiting in one log (flag on the server for its queue). Days offline, at some thousand
  // a day.
  std::size_t pending_mutations_max = 20000;
  // Bytes of an id or of the name of a mutator, a query or a table.
  std::size_t name_bytes_max = 256;
  // Mutations in one Push: bounds the work that one frame causes.
  std::size_t push_mutations_max = 500;
  // Queries that one session may subscribe to (flag).
  std::size_t queries_per_client_max = 500;
  // How long a browser's disk keeps the rows of a query that nobody wants and that says no ttl: who
  // comes back within a month starts with what was there, also offline.
  std::uint32_t query_ttl_s = 30u * 24 * 3600;
  // Rows and groups in one query's result (flag): what a page can hold with some comfort.
  std::size_t rows_per_query_max = 200000;
  // Row changes of a result that the server remembers for who was away for a moment: two hundred
  // commits of ten rows. What is older than that is found by comparing.
  std::size_t recent_row_changes_max = 2000;
  // A result of fewer rows is sent whole to whoever holds an older one: that is about as much as
  // asking what it holds, and takes one way instead of three.
  std::size_t compared_rows_min = 100;
  // How long the server maintains a query that nobody subscribes to any more: a reload finds it
  // warm, and pays for what changed.
  std::uint64_t pipeline_ttl_ms = 60'000;
  // And how many of them.
  std::size_t idle_pipelines_max = 500;
  // How long the server keeps a whole result that it wrote for a session, and how many bytes of
  // them: many sessions that connect one after another cost one reading.
  std::uint64_t kept_result_ms = 10'000;
  std::size_t kept_result_bytes_max = 64u << 20;
  // Clients in one group: tabs, plus closed ones with unconfirmed mutations.
  std::size_t clients_per_group_max = 1000;
  // Undelivered bytes to one session before it is dropped and has to come back (flag).
  std::size_t session_queue_bytes_max = 64u << 20;
};

}  // namespace tidemark::protocol

#endif  // TIDEMARK_CORE_PROTOCOL_LIMITS_H_
