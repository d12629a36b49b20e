// A page under test: a client, a mirror of its views, and a scripted upstream in the place of the
// relay or the server. The upstream serves one query, all todos, whose rows a test changes at will.
#ifndef TIDEMARK_TESTS_CORE_CLIENT_TEST_PAGE_H_
#define TIDEMARK_TESTS_CORE_CLIENT_TEST_PAGE_H_

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/client/client.h"
#include "core/model/schema.h"
#include "core/mutation/mutator.h"
#include "core/protocol/messages.h"

namespace tidemark::client {

extern const std::string_view kTodoSchema;
inline constexpr std::string_view kAllTodos = R"({"table":"todo","orderBy":[["rank","asc"]]})";

/// What the app's mutators do, and how often they ran. Arguments are `["a","Milk"]`: id and text.
class TodoMutators {
 public:
  TodoMutators();
  mutation::MutatorRegistry& registry() { return registry_; }
  int runs() const { return runs_; }

 private:
  mutation::MutatorRegistry registry_;
  int runs_ = 0;
};

/// The rows of one pipeline as the other side has them, and the pokes that bring them here.
class ScriptedUpstream {
 public:
  explicit ScriptedUpstream(const model::Schema& schema) : schema_(schema) {}

  struct Change {
    std::string id;
    std::string row_json;  // empty: the row leaves
  };
  /// One poke from the version the page is at, with one segment if rows change.
  struct Step {
    std::vector<Change> changes = {};
    std::vector<protocol::ClientState> lmids = {};
    std::vector<protocol::MutationResult> results = {};
    std::vector<protocol::ResolvedQuery> resolved = {};
    bool reset = false;
  };
  std::vector<protocol::Message> Poke(Step step);
  Hash128 fingerprint() const;
  const Version& version() const { return version_; }
  void set_epoch(std::string epoch) { next_epoch_ = std::move(epoch); }

  static const PipelineID kPipeline;

 private:
  const model::Schema& schema_;
  std::map<std::string, std::string> rows_;
  Version version_;
  std::string next_epoch_ = "db";
};

class TestPage {
 public:
  /// `group` empty: the upstream is a relay.
  explicit TestPage(std::string group = "group", protocol::Limits limits = {});

  // ---- the app ----
  MutationID Mutate(const std::string& name, const std::string& args);
  Error MutateFails(const std::string& name, const std::string& args);
  ViewID Watch(std::string_view ast = kAllTodos, const std::string& name = "all");
  void Unwatch(ViewID view);
  /// Titles of a view's rows in order, "Milk, Bread".
  std::string Titles(ViewID view = 1) const;
  /// A view's rows as JSON, in order, with blanks between them.
  std::string Rows(ViewID view = 1) const;
  ViewFlush Last(ViewID view = 1) const { return views_.at(view).last; }
  int flushes(ViewID view = 1) const { return views_.at(view).flushes; }

  // ---- the upstream ----
  /// Opens the link and has it welcomed (and, from a relay, told the log).
  void Connect(MutationID lmid = 0, std::vector<mutation::Mutation> log = {});
  void Open();
  void Close();
  void Receive(const protocol::Message& message);
  Error ReceiveFails(const protocol::Message& message);
  void Receive(ScriptedUpstream::Step step);
  /// All todos, complete: `[[id, title, rank], …]`.
  void ServeAllTodos(const std::vector<ScriptedUpstream::Change>& rows);
  protocol::ClientState Lmid(MutationID id) const { return {client_->id(), id}; }

  /// What the page sent since the last call.
  std::vector<protocol::Message> TakeSent() { return std::exchange(sent_, {}); }
  /// Of one kind, forgetting the rest.
  template <typename T>
  std::vector<T> TakeSentOf() {
    std::vector<T> found;
    for (protocol::Message& message : TakeSent()) {
      if (T* body = std::get_if<T>(&message)) found.push_back(std::move(*body));
    }
    return found;
  }
  std::vector<MutationEvent> TakeEvents() { return std::exchange(events_, {}); }
  std::uint32_t pending() const { return pending_; }
  const std::optional<protocol::Rejections>& rejections() const { return rejections_; }
  const std::optional<Error>& refused() const { return refused_; }

  TodoMutators& mutators() { return mutators_; }
  ScriptedUpstream& upstream() { return upstream_; }
  Client& client() { return *client_; }
  const model::Schema& schema() const { return schema_; }
  /// As the bindings do after each call.
  void Drain();

 private:
  struct Mirror {
    std::vector<model::Row> rows;
    ViewFlush last;
    int flushes = 0;
  };

  const model::Schema schema_;
  const bool is_direct_;
  TodoMutators mutators_;
  std::unique_ptr<Client> client_;
  ScriptedUpstream upstream_;
  std::map<ViewID, Mirror> views_;
  std::vector<protocol::Message> sent_;
  std::vector<MutationEvent> events_;
  std::uint32_t pending_ = 0;
  std::optional<protocol::Rejections> rejections_;
  std::optional<Error> refused_;
};

inline std::string Todo(const std::string& id, const std::string& title, double rank = 0) {
  return "[\"" + id + "\",\"" + title + "\",false," + std::to_string(rank) + ",null]";
}
inline ScriptedUpstream::Change PutTodo(const std::string& id, const std::string& title,
                                        double rank = 0) {
  return {id, Todo(id, title, rank)};
}

/// A mutation of another tab of the same browser.
inline mutation::Mutation Foreign(MutationID id, std::string name, std::string args) {
  return mutation::Mutation{ClientID("tab-2"), id, std::move(name),
                            std::move(args),   5,  "ffeeddccbbaa99887766554433221100"};
}

}  // namespace tidemark::client

#endif  // TIDEMARK_TESTS_CORE_CLIENT_TEST_PAGE_H_
