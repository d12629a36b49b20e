#include "tests/sim/history.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "core/ivm/evaluate.h"
#include "core/model/json.h"
#include "core/query/ast_json.h"
#include "tests/sim/app.h"

namespace tidemark::sim {
namespace {

std::string Name(const ClientID& client, MutationID id) {
  return "mutation " + std::to_string(id) + " of " + client.value;
}

std::vector<model::Row> RowsOf(const store::Store& store, std::string_view ast_json) {
  std::vector<model::Row> rows;
  ivm::Pipeline pipeline(store, query::ParseQuery(AppSchema(), ast_json).value());
  const auto take = [&rows](model::TableIndex, const model::Row& row) { rows.push_back(row); };
  TIDEMARK_CHECK(pipeline.Hydrate(take).ok());
  return rows;
}

boost::json::array Columns(const model::Row& row) {
  return model::ParseJson(model::RowJson(row)).value().as_array();
}

}  // namespace

Results Evaluate(const store::Store& store) {
  Results results;
  for (const AppQuery& query : AppQueries()) {
    const std::string tree = ResolveQuery(query.name, query.args_json).value();
    results.push_back(
        ivm::EvaluateToJson(store, query::ParseQuery(AppSchema(), tree).value()).value());
  }
  return results;
}

// ---- pages ----

void History::OnCall(const ClientID& client, MutationID id, Call call) {
  std::vector<Call>& calls = clients_[client];
  calls.push_back(std::move(call));
  Require(calls.size() == id, Name(client, id) + " is call " + std::to_string(calls.size()));
  ++calls_;
}

void History::OnDurable(const ClientID& client, MutationID id) {
  clients_.at(client).at(id - 1).durable = true;
}

void History::OnSettled(const ClientID& client, MutationID id, bool confirmed) {
  Call& call = clients_.at(client).at(id - 1);
  Require(!call.confirmed && !call.rejected, Name(client, id) + " is settled twice");
  (confirmed ? call.confirmed : call.rejected) = true;
  const auto lmid = lmids_.find(client);
  Require(lmid != lmids_.end() && lmid->second >= id,
          Name(client, id) + " is settled before the server has replayed it");
  const bool failed = failed_.contains({client.value, id});
  Require(failed != confirmed, Name(client, id) + (failed ? " failed and is confirmed"
                                                          : " was applied and is rejected"));
}

void History::OnListed(const ClientID& client, MutationID id) {
  const auto known = clients_.find(client);
  Require(known != clients_.end() && id <= known->second.size(),
          Name(client, id) + " is rejected and was never called");
  if (!violation_.empty()) return;
  Require(failed_.contains({client.value, id}), Name(client, id) + " is listed and did not fail");
  known->second.at(id - 1).listed = true;
}

// ---- the server ----

void History::OnStart(const Version& version, const store::Store& replica) {
  last_position_ = version.position;
  results_[version.position] = Evaluate(replica);
}

void History::OnCommit(const hub::Commit& commit, const store::Store& replica) {
  Require(commit.to.position > last_position_, "the server's version goes back");
  last_position_ = commit.to.position;
  for (const protocol::ClientState& client : commit.lmids) {
    MutationID& lmid = lmids_[client.client];
    Require(client.lmid > lmid, "the LMID of " + client.client.value + " goes back");
    lmid = client.lmid;
  }
  for (const protocol::MutationResult& result : commit.results) {
    if (result.error) failed_.insert({result.client.value, result.id});
  }
  results_[commit.to.position] = Evaluate(replica);
}

const Results* History::At(std::uint64_t position) const {
  const auto found = results_.find(position);
  return found == results_.end() ? nullptr : &found->second;
}

// ---- laws ----

void History::CheckAtRest(const store::Store& database, const std::set<ClientID>& alive,
                          const std::set<ClientID>& behind_relay) {
  std::map<ClientID, std::vector<std::uint64_t>> applied;
  for (const model::Row& row : RowsOf(database, R"({"table":"author"})")) {
    const boost::json::array columns = Columns(row);
    std::vector<std::uint64_t>& ids = applied[ClientID(std::string(columns.at(0).as_string()))];
    for (const boost::json::value& id : columns.at(1).as_array()) {
      ids.push_back(id.to_number<std::uint64_t>());
    }
  }
  for (const auto& [client, calls] : clients_) {
    CheckClient(client, applied[client], alive.contains(client), behind_relay.contains(client));
  }
  CheckCounters(database);
}

void History::CheckClient(const ClientID& client, const std::vector<std::uint64_t>& applied,
                          bool is_alive, bool is_behind_relay) {
  const std::vector<Call>& calls = clients_.at(client);
  const MutationID lmid = lmids_[client];
  Require(lmid <= calls.size(), client.value + ": the server replayed more than was called");
  if (is_alive) {
    Require(lmid == calls.size(), client.value + ": " + std::to_string(lmid) + " of " +
                                      std::to_string(calls.size()) + " mutations arrived");
  }
  std::vector<std::uint64_t> expected;
  for (MutationID id = 1; id <= calls.size() && violation_.empty(); ++id) {
    const Call& call = calls[id - 1];
    const bool failed = failed_.contains({client.value, id});
    if (id <= lmid && !failed) expected.push_back(id);
    if (call.durable) Require(id <= lmid, Name(client, id) + " was durable and is lost");
    if (call.confirmed || call.rejected) Require(id <= lmid, Name(client, id) + " is undone");
    if (is_alive) {
      Require(call.confirmed || call.rejected, Name(client, id) + " is never settled");
    }
    if (failed && is_behind_relay) {
      Require(call.rejected || call.listed, Name(client, id) + " failed and nobody is told");
    }
  }
  const auto text = [](const std::vector<std::uint64_t>& ids) {
    std::string joined;
    for (const std::uint64_t id : ids) joined += " " + std::to_string(id);
    return joined;
  };
  Require(applied == expected, client.value + ": not applied exactly once and in order:" +
                                   text(applied) + "\n  expected:" + text(expected));
}

void History::CheckCounters(const store::Store& database) {
  std::map<std::string, int> totals = totals_;
  for (const auto& [client, calls] : clients_) {
    for (MutationID id = 1; id <= lmids_[client] && id <= calls.size(); ++id) {
      const Call& call = calls[id - 1];
      if (call.name != "counter.add" || failed_.contains({client.value, id})) continue;
      totals[call.counter] += call.by;
    }
  }
  for (const model::Row& row : RowsOf(database, R"({"table":"counter"})")) {
    const boost::json::array columns = Columns(row);
    const std::string counter(columns.at(0).as_string());
    const auto total = columns.at(1).to_number<int>();
    Require(total == totals[counter], "counter " + counter + " is " + std::to_string(total) +
                                          ", the applied increments add up to " +
                                          std::to_string(totals[counter]));
    totals.erase(counter);
  }
  for (const auto& [counter, total] : totals) {
    Require(false, "counter " + counter + " is lost");
  }
}

}  // namespace tidemark::sim
