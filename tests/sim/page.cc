#include "tests/sim/page.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <utility>
#include <variant>

#include "core/model/json.h"
#include "core/protocol/codec.h"
#include "tests/sim/app.h"
#include "tests/sim/server.h"

namespace tidemark::sim {
namespace {

std::string AstOf(std::size_t query) {
  const AppQuery& app_query = AppQueries()[query];
  return ResolveQuery(app_query.name, app_query.args_json).value();
}

std::string Quoted(const std::string& text) { return "\"" + text + "\""; }

std::string Hex(std::uint64_t high, std::uint64_t low) { return ToHex(Hash128{low, high}); }

}  // namespace

Page::Page(ClientID id, ClientGroupID group, History& history, Random& random)
    : history_(history),
      random_(random),
      client_(AppSchema(), mutators_, client::Options{std::move(id), "sim", std::move(group), {}}) {
  RegisterMutators(mutators_);
  for (std::uint64_t left = 1 + random_.Below(4); left > 0; --left) {
    Watch(random_.Below(AppQueries().size()));
  }
}

// ---- the network ----

Channel::Side Page::side() {
  return Channel::Side{[this](std::string_view bytes) { OnFrame(bytes); },
                       [this] {
                         channel_.reset();
                         segments_ = 0;
                         client_.OnLinkClosed();
                         Drain();
                       }};
}

void Page::Connect(ChannelPtr channel) {
  channel_ = std::move(channel);
  segments_ = 0;
  client_.OnLinkOpened();
  Drain();
}

void Page::Close() {
  if (const ChannelPtr channel = std::exchange(channel_, nullptr)) channel->CloseFromBelow();
}

void Page::OnFrame(std::string_view bytes) {
  NoteFrame(bytes);
  const Status status = client_.OnMessage(bytes);
  Require(status.ok(), status.ok() ? "" : "cannot take a message: " + status.error().message);
  Drain();
}

/// Follows the version of the rows from what is said to the page.
void Page::NoteFrame(std::string_view bytes) {
  const Result<protocol::Message> message = protocol::Decode(bytes);
  Require(message.ok(), "gets a malformed message");
  if (!message.ok()) return;
  if (const auto* poke = std::get_if<protocol::Poke>(&*message)) {
    Require(poke->to.position >= position_, "its version goes back from " +
                                                std::to_string(position_) + " to " +
                                                std::to_string(poke->to.position));
    next_position_ = poke->to.position;
    segments_ = poke->segments;
    if (segments_ == 0) position_ = next_position_;
  } else if (std::holds_alternative<protocol::Segment>(*message)) {
    if (segments_ > 0 && --segments_ == 0) position_ = next_position_;
  }
}

// ---- the app ----

void Page::Watch(std::size_t query) {
  for (const auto& [view, mirror] : views_) {
    if (mirror.query == query) return;
  }
  const AppQuery& app_query = AppQueries()[query];
  const Result<client::ViewID> view =
      client_.Watch(app_query.name, app_query.args_json, AstOf(query));
  Require(view.ok(), "cannot watch");
  if (view.ok()) views_[*view].query = query;
}

void Page::WatchSomething() {
  if (views_.size() > 1 && random_.OneIn(2)) {
    const auto view = std::next(views_.begin(), static_cast<int>(random_.Below(views_.size())));
    client_.Unwatch(view->first);
    views_.erase(view);
  } else {
    Watch(random_.Below(AppQueries().size()));
  }
  Drain();
}

Page::Draft Page::DraftCall() {
  Draft draft;
  draft.item = "i" + std::to_string(random_.Below(12));
  const std::string id = Quoted("id") + ":" + Quoted(draft.item);
  const std::string title = "t" + std::to_string(random_.Below(1000));
  const std::string rank = std::to_string(random_.Below(20));
  switch (random_.Below(10)) {
    case 0:
    case 1:
      draft.name = "item.add";
      draft.args = id + R"(,"list":"l)" + std::to_string(random_.Below(3)) + R"(","title":)" +
                   Quoted(title) + ",\"rank\":" + rank;
      draft.expected = title;
      break;
    case 2:
      draft.name = random_.OneIn(2) ? "item.rename" : "item.renameIfOpen";
      draft.args = id + ",\"title\":" + Quoted(title);
      draft.expected = title;
      break;
    case 3:
      draft.name = "item.move";
      draft.args = id + ",\"rank\":" + rank;
      break;
    case 4:
      draft.name = "item.done";
      draft.args = id + (random_.OneIn(2) ? ",\"done\":true" : ",\"done\":false");
      break;
    case 5:
    case 6:
      draft.name = "item.set";
      draft.args = id + ",\"node\":\"n" + std::to_string(random_.Below(3)) +
                   "\",\"value\":{\"x\":" + rank + "}";
      break;
    case 7:
      draft.name = "item.remove";
      draft.args = id;
      break;
    default:
      draft.item.clear();
      draft.name = random_.OneIn(5) ? "counter.fail" : "counter.add";
      draft.call.counter = "c" + std::to_string(random_.Below(3));
      draft.call.by = 1 + static_cast<int>(random_.Below(9));
      draft.args = Quoted("id") + ":" + Quoted(draft.call.counter) +
                   ",\"by\":" + std::to_string(draft.call.by);
      break;
  }
  draft.call.name = draft.name;
  return draft;
}

model::Row Page::FindItem(const std::string& id) {
  const Result<std::string> items = client_.Run(AstOf(0));
  TIDEMARK_CHECK(items.ok());
  const boost::json::value rows = model::ParseJson(*items).value();
  for (const boost::json::value& row : rows.as_array()) {
    if (row.as_array().at(0).as_string() != id) continue;
    return model::RowFromJson(AppSchema().table(0), row).value();
  }
  return {};
}

void Page::CallSomething() {
  Draft draft = DraftCall();
  const bool was_there = !draft.item.empty() && FindItem(draft.item);
  const Result<client::Client::Called> called =
      client_.Mutate(draft.name,
                     R"({"client":)" + Quoted(id().value) + ",\"n\":" + std::to_string(calls_ + 1) +
                         "," + draft.args + "}",
                     kNowMs, Hex(random_.Next(), random_.Next()));
  if (called.ok()) {
    ++calls_;
    history_.OnCall(id(), called->id, std::move(draft.call));
  }
  Drain();
  if (draft.item.empty()) return;
  // What was written is there at once.
  const model::Row after = FindItem(draft.item);
  if (!called.ok()) {
    Require(was_there == static_cast<bool>(after), draft.name + " failed and had an effect");
  } else if (draft.name == "item.remove") {
    Require(!after, draft.item + " is there after item.remove");
  } else if (draft.name == "item.add") {
    Require(after && after[2].string() == draft.expected, draft.item + " is not there at once");
  } else {
    Require(was_there == static_cast<bool>(after), draft.name + " made or took a row");
    if (after && !draft.expected.empty()) {
      Require(after[2].string() == draft.expected, draft.name + " is not seen at once");
    }
  }
}

// ---- what the client says ----

void Page::Drain() {
  client::Output output = client_.TakeOutput();
  if (channel_ != nullptr) {
    for (std::string& bytes : output.messages) channel_->SendUp(std::move(bytes));
  }
  for (const client::ViewFlush& flush : output.flushes) Show(flush);
  for (const client::MutationEvent& event : output.mutations) NoteEvent(event);
  if (output.pending) pending_ = *output.pending;
  if (output.rejections) {
    for (const auto& entry : output.rejections->entries) {
      history_.OnListed(entry.mutation.client, entry.mutation.id);
    }
  }
  Require(!output.refused, output.refused ? "refused: " + output.refused->message : "");
  CheckViews();
}

void Page::Show(const client::ViewFlush& flush) {
  const auto found = views_.find(flush.view);
  Require(found != views_.end(), "a flush of a view that is not watched");
  if (found == views_.end()) return;
  if (flush.reset) found->second.rows = ivm::Mirror();
  const std::string broken = found->second.rows.Apply(flush.edits);
  Require(broken.empty(), broken);
  found->second.status = flush.status;
  Require(flush.status != client::ViewStatus::kError,
          flush.error ? "a query failed: " + flush.error->message : "a query failed");
}

void Page::NoteEvent(const client::MutationEvent& event) {
  using Kind = client::MutationEvent::Kind;
  switch (event.kind) {
    case Kind::kPersisted:
      return history_.OnDurable(id(), event.id);
    case Kind::kNotDurable:
      return;
    case Kind::kConfirmed:
      return history_.OnSettled(id(), event.id, /*confirmed=*/true);
    case Kind::kRejected:
      return history_.OnSettled(id(), event.id, /*confirmed=*/false);
  }
}

/// Groups by their first value: with the greatest maximum of two results of `sizes`.
std::map<std::string, std::string> WithMaximum(const std::string& fresh,
                                               const std::string& counted) {
  std::map<std::string, double> maxima;
  const boost::json::value before = model::ParseJson(counted).value();
  for (const boost::json::value& group : before.as_array()) {
    const auto& values = group.as_array();
    maxima[values[0].as_string().c_str()] = values[2].to_number<double>();
  }
  std::map<std::string, std::string> result;
  const boost::json::value after = model::ParseJson(fresh).value();
  for (const boost::json::value& group : after.as_array()) {
    boost::json::array values = group.as_array();
    const auto was = maxima.find(values[0].as_string().c_str());
    if (was != maxima.end() && was->second > values[2].to_number<double>()) values[2] = was->second;
    result[values[0].as_string().c_str()] = model::CanonicalJson(values);
  }
  return result;
}

/// Rows whose first value another result has too.
std::map<std::string, std::string> Among(const std::string& rows_json, const std::string& other) {
  std::map<std::string, std::string> rows;
  const boost::json::value all = model::ParseJson(rows_json).value();
  const boost::json::value wanted = model::ParseJson(other).value();
  for (const boost::json::value& row : all.as_array()) {
    for (const boost::json::value& known : wanted.as_array()) {
      if (known.as_array()[0] != row.as_array()[0]) continue;
      rows[row.as_array()[0].as_string().c_str()] = model::CanonicalJson(row);
    }
  }
  return rows;
}

/// With all items here, the server's groups and what is pending make what the page's rows do, but
/// for maxima, which nobody can lower who may not know the next row, and for shelves that are only
/// pending: the server has not counted there.
void Page::CheckCounts(const Results& results) {
  for (const auto& [view, mirror] : views_) {
    const AppQuery& query = AppQueries()[mirror.query];
    if (query.name != "sizes" && query.name != "loads") continue;
    const std::string fresh = client_.Run(AstOf(mirror.query)).value();
    if (query.name == "loads") {
      Require(
          Among(mirror.rows.ToJson(), results[mirror.query]) == Among(fresh, results[mirror.query]),
          "loads with all items known shows " + mirror.rows.ToJson() + " where the rows make " +
              fresh + " and the server has " + results[mirror.query]);
    } else {
      Require(WithMaximum(mirror.rows.ToJson(), "[]") == WithMaximum(fresh, results[mirror.query]),
              "sizes with all items known shows " + mirror.rows.ToJson() + " where the rows make " +
                  fresh + " and the server has " + results[mirror.query]);
    }
  }
}

/// A view is its query on the page's rows (or on those that the server sent for it); with
/// nothing pending and nothing partial, it is the server's result at the page's version. (Rows of a
/// partial query may be older, and every view is on all rows.)
void Page::CheckViews() {
  bool is_comparable = segments_ == 0;
  bool has_all_items = false;
  for (const auto& [view, mirror] : views_) {
    is_comparable = is_comparable && mirror.status == client::ViewStatus::kComplete;
    has_all_items = has_all_items || AppQueries()[mirror.query].name == "items";
    if (AppQueries()[mirror.query].sees_members) continue;
    const Result<std::string> fresh = client_.Run(AstOf(mirror.query));
    Require(fresh.ok() && *fresh == mirror.rows.ToJson(),
            "a view is not its query on the page's rows");
  }
  if (!is_comparable) return;
  const Results* results = history_.At(position_);
  Require(results != nullptr, "version " + std::to_string(position_) + " never was");
  if (results == nullptr) return;
  if (has_all_items) CheckCounts(*results);
  if (pending_ > 0) return;
  for (const auto& [view, mirror] : views_) {
    RequireResult(mirror, (*results)[mirror.query], "at version " + std::to_string(position_));
  }
}

void Page::RequireResult(const Mirror& mirror, const std::string& expected,
                         const std::string& when) {
  const std::string shown = mirror.rows.ToJson();
  Require(shown == expected, "query " + AppQueries()[mirror.query].name + " " + when +
                                 " shows\n    " + shown + "\n  and not\n    " + expected);
}

void Page::CheckAtRest(const Results& fresh) {
  Require(channel_ != nullptr, "is not connected at rest");
  Require(pending_ == 0, std::to_string(pending_) + " mutations are pending at rest");
  for (const auto& [view, mirror] : views_) {
    Require(mirror.status == client::ViewStatus::kComplete,
            AppQueries()[mirror.query].name + " is not complete at rest");
    RequireResult(mirror, fresh[mirror.query], "at rest");
  }
}

}  // namespace tidemark::sim
