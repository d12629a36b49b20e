// The other end of a hub session in tests: decodes frames, applies pokes as a client must, and
// checks what every receiver relies on (versions follow each other, patches fit, fingerprints are
// those of the rows).
#ifndef TIDEMARK_TESTS_CORE_HUB_RECEIVER_H_
#define TIDEMARK_TESTS_CORE_HUB_RECEIVER_H_

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"
#include "core/hub/hub.h"
#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/protocol/messages.h"

namespace tidemark::hub {

class Receiver {
 public:
  using Rows = std::map<RowKey, model::Row>;

  explicit Receiver(const model::Schema& schema) : schema_(schema) {}

  void Receive(const Frame& frame);
  /// Holds what an earlier session held, as a client that comes back.
  void TakeUp(const Receiver& earlier) {
    pipelines_ = earlier.pipelines_;
    tables_ = earlier.tables_;
  }

  /// What it is asked about its rows, and the answers.
  std::deque<protocol::Message> asked;
  protocol::Sums Answer(const protocol::Compare& compare) const;
  protocol::Members Answer(const protocol::Want& want) const;

  /// A poke that was announced is whole.
  bool settled() const { return segments_expected_ == 0; }
  const Rows& rows(const QueryKey& key) const { return pipelines_.at(resolved_.at(key)); }
  bool has(const QueryKey& key) const { return resolved_.count(key) > 0; }
  protocol::DesiredQuery::Have have(const QueryKey& key) const;
  void Forget(const QueryKey& key);

  Version version;
  std::optional<protocol::Welcome> welcome;
  std::string auth_json;  // as told behind the welcome
  std::optional<Error> refused;
  std::map<QueryKey, Error> failed;
  std::map<ClientID, MutationID> lmids;
  std::vector<protocol::MutationResult> results;
  int pokes = 0;
  std::map<QueryKey, int> answers;          // how often a poke said what serves the query
  std::vector<protocol::Segment> segments;  // all that came, in order
  std::vector<Frame> segment_frames;

 private:
  void ApplyPoke(const protocol::Poke& poke);
  void ApplySegment(const protocol::Segment& segment);
  void ApplyChange(Rows& rows, const protocol::SegmentChange& change);
  model::Row Patched(const model::Row& before, const protocol::SegmentChange& change) const;

  const model::Schema& schema_;
  std::map<QueryKey, PipelineID> resolved_;
  std::map<PipelineID, Rows> pipelines_;
  std::map<PipelineID, std::string> tables_;  // of their rows, or groups
  std::uint32_t segments_expected_ = 0;
  Version arriving_;
};

Hash128 FingerprintOf(const std::string& table, const Receiver::Rows& rows);
/// A group's row as it travels: its values as JSON, of no type.
model::Row GroupRow(std::string_view json);

}  // namespace tidemark::hub

#endif  // TIDEMARK_TESTS_CORE_HUB_RECEIVER_H_
