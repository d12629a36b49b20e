// A value on the heap that behaves like one beside it: copies are deep, equality is the content's.
// What recursive types are made of. Never empty, except after a move.
#ifndef TIDEMARK_CORE_BASE_BOX_H_
#define TIDEMARK_CORE_BASE_BOX_H_

#include <memory>
#include <utility>

namespace tidemark {

template <typename T>
class Box {
 public:
  Box() : value_(std::make_unique<T>()) {}
  Box(T value) : value_(std::make_unique<T>(std::move(value))) {}  // NOLINT: a value is its box
  Box(const Box& other) : value_(std::make_unique<T>(*other.value_)) {}
  Box(Box&& other) noexcept = default;
  Box& operator=(const Box& other) {
    if (this != &other) value_ = std::make_unique<T>(*other.value_);
    return *this;
  }
  Box& operator=(Box&& other) noexcept = default;
  ~Box() = default;

  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return value_.get(); }
  const T* operator->() const { return value_.get(); }

  friend bool operator==(const Box& a, const Box& b) { return *a.value_ == *b.value_; }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace tidemark

#endif  // TIDEMARK_CORE_BASE_BOX_H_
