#include "core/model/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "core/model/limits.h"
#include "core/model/number_text.h"

namespace tidemark::model {
namespace {

namespace json = boost::json;

/// What basic_parser calls: builds the value, and reads doubles from their text.
class Builder {
 public:
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();

  void Reset(json::storage_ptr storage) { stack_.reset(std::move(storage)); }
  json::value Release() { return stack_.release(); }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return true; }
  bool on_object_end(std::size_t size, json::error_code&) {
    stack_.push_object(size);
    return true;
  }
  bool on_array_begin(json::error_code&) { return true; }
  bool on_array_end(std::size_t size, json::error_code&) {
    stack_.push_array(size);
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_key(json::string_view key, std::size_t, json::error_code&) {
    stack_.push_key(key);
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    stack_.push_chars(part);
    return true;
  }
  bool on_string(json::string_view string, std::size_t, json::error_code&) {
    stack_.push_string(string);
    return true;
  }
  bool on_number_part(json::string_view part, json::error_code&) {
    number_.append(part.data(), part.size());
    return true;
  }
  bool on_int64(std::int64_t integer, json::string_view, json::error_code&) {
    number_.clear();
    stack_.push_int64(integer);
    return true;
  }
  bool on_uint64(std::uint64_t integer, json::string_view, json::error_code&) {
    number_.clear();
    stack_.push_double(static_cast<double>(integer));
    return true;
  }
  bool on_double(double, json::string_view text, json::error_code& failed) {
    double number = 0;
    if (number_.empty()) {
      number = ParseNumber({text.data(), text.size()});
    } else {
      number_.append(text.data(), text.size());
      number = ParseNumber(number_);
      number_.clear();
    }
    if (!std::isfinite(number)) {
      failed = json::error::exponent_overflow;
      return false;
    }
    stack_.push_double(number);
    return true;
  }
  bool on_bool(bool boolean, json::error_code&) {
    stack_.push_bool(boolean);
    return true;
  }
  bool on_null(json::error_code&) {
    stack_.push_null();
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  json::value_stack stack_;
  std::string number_;  // the beginning of a number that the parser handed over in parts
};

json::parse_options Options() {
  json::parse_options options;
  options.max_depth = kJsonTextDepthMax;
  return options;
}

Error NotJson(std::string_view text, std::size_t position, const std::string& reason) {
  constexpr std::size_t kQuoted = 40;
  return Error{ErrorCode::kInvalidArgs,
               "not JSON: " + reason + " at byte " + std::to_string(position) + " of '" +
                   std::string(text.substr(0, kQuoted)) + (text.size() > kQuoted ? "…'" : "'")};
}

}  // namespace

Result<json::value> ParseJson(std::string_view text, const json::storage_ptr& storage) {
  json::basic_parser<Builder> parser(Options());
  parser.handler().Reset(storage);
  json::error_code failed;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), failed);
  if (!failed && used < text.size()) failed = json::error::extra_data;
  if (failed) return NotJson(text, used, failed.message());
  return parser.handler().Release();
}

Result<json::value> ParseJson(std::string_view text) {
  return ParseJson(text, json::storage_ptr());
}

}  // namespace tidemark::model
