#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/json.h"
#include "core/model/json_path.h"
#include "core/model/limits.h"
#include "core/model/number_text.h"
#include "core/model/text.h"
#include "core/model/value.h"

namespace tidemark::model {
namespace {

namespace json = boost::json;

std::string_view View(json::string_view text) { return {text.data(), text.size()}; }

class CanonicalWriter {
 public:
  explicit CanonicalWriter(std::string& out) : out_(out) {}

  void Write(const json::value& value, std::size_t depth = 0) {
    switch (value.kind()) {
      case json::kind::null:
        out_.append("null");
        return;
      case json::kind::bool_:
        out_.append(value.get_bool() ? "true" : "false");
        return;
      case json::kind::int64:
        AppendInteger(out_, value.get_int64());
        return;
      case json::kind::uint64:
        AppendNumber(out_, static_cast<double>(value.get_uint64()));
        return;
      case json::kind::double_:
        AppendNumber(out_, value.get_double());
        return;
      case json::kind::string:
        WriteString(View(value.get_string()));
        return;
      case json::kind::array:
        WriteArray(value.get_array(), depth + 1);
        return;
      case json::kind::object:
        WriteObject(value.get_object(), depth + 1);
        return;
    }
  }

  TextFault fault() const { return fault_; }
  std::size_t deepest() const { return deepest_; }

 private:
  void WriteString(std::string_view text) {
    if (fault_ == TextFault::kNone) fault_ = CheckText(text);
    AppendJsonString(out_, text);
  }

  void WriteArray(const json::array& array, std::size_t depth) {
    deepest_ = std::max(deepest_, depth);
    out_.push_back('[');
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (i > 0) out_.push_back(',');
      Write(array[i], depth);
    }
    out_.push_back(']');
  }

  void WriteObject(const json::object& object, std::size_t depth) {
    deepest_ = std::max(deepest_, depth);
    using Member = json::key_value_pair;
    const auto by_key = [](const Member& a, const Member& b) { return a.key() < b.key(); };
    out_.push_back('{');
    if (std::is_sorted(object.begin(), object.end(), by_key)) {
      for (const Member& member : object) WriteMember(member, &member == object.begin(), depth);
    } else {
      std::vector<const Member*> members;
      members.reserve(object.size());
      for (const Member& member : object) members.push_back(&member);
      std::sort(members.begin(), members.end(),
                [&](const Member* a, const Member* b) { return by_key(*a, *b); });
      for (const Member* member : members) {
        WriteMember(*member, member == members.front(), depth);
      }
    }
    out_.push_back('}');
  }

  void WriteMember(const json::key_value_pair& member, bool first, std::size_t depth) {
    if (!first) out_.push_back(',');
    WriteString(View(member.key()));
    out_.push_back(':');
    Write(member.value(), depth);
  }

  std::string& out_;
  TextFault fault_ = TextFault::kNone;
  std::size_t deepest_ = 0;
};

}  // namespace

std::string CanonicalJson(const json::value& value) {
  std::string text;
  CanonicalWriter(text).Write(value);
  return text;
}

Result<std::string> CanonicalDocument(const json::value& value) {
  std::string text;
  CanonicalWriter writer(text);
  writer.Write(value);
  if (writer.fault() != TextFault::kNone) {
    return Error{ErrorCode::kInvalidArgs,
                 "JSON with " + std::string(TextFaultName(writer.fault()))};
  }
  if (writer.deepest() > kDocumentDepthMax) {
    return Error{ErrorCode::kLimit,
                 "JSON that nests deeper than " + std::to_string(kDocumentDepthMax) + " levels"};
  }
  return text;
}

Result<std::string> CanonicalJsonText(std::string_view text) {
  json::monotonic_resource memory;
  TIDEMARK_ASSIGN_OR_RETURN(const json::value value, ParseJson(text, &memory));
  return CanonicalDocument(value);
}

}  // namespace tidemark::model
