#include "tests/server/auth/token_maker.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <array>
#include <cstdint>

#include "core/base/base64url.h"
#include "core/base/check.h"

namespace tidemark::server::auth {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string TextOf(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free_all(bio);
  return pem;
}

std::string NumberOf(const EVP_PKEY* key, const char* name, int bytes) {
  BIGNUM* number = nullptr;
  TIDEMARK_CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
  std::string big_endian(static_cast<std::size_t>(bytes > 0 ? bytes : BN_num_bytes(number)), '\0');
  TIDEMARK_CHECK(BN_bn2binpad(number, reinterpret_cast<unsigned char*>(big_endian.data()),
                              static_cast<int>(big_endian.size())) >= 0);
  BN_free(number);
  return big_endian;
}

}  // namespace

std::string Unsigned(std::string_view header, std::string_view payload) {
  return EncodeBase64Url(header) + "." + EncodeBase64Url(payload);
}

std::string SignHs256(std::string_view secret, std::string_view payload, std::string_view header) {
  const std::string text = Unsigned(header, payload);
  std::array<unsigned char, 32> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()), Bytes(text), text.size(),
       mac.data(), &size);
  return text + "." + EncodeBase64Url({reinterpret_cast<const char*>(mac.data()), size});
}

void KeyPair::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

KeyPair KeyPair::Rsa(unsigned bits) {
  return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{bits}));
}

KeyPair KeyPair::Ec(const char* curve) {
  return KeyPair(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}

std::string KeyPair::PublicPem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, key_.get());
  return TextOf(bio);
}

std::string KeyPair::PrivatePem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return TextOf(bio);
}

std::string KeyPair::Jwk(std::string_view more) const {
  const auto member = [&](const char* name, const char* parameter, int bytes) {
    return "\"" + std::string(name) + "\":\"" +
           EncodeBase64Url(NumberOf(key_.get(), parameter, bytes)) + "\"";
  };
  if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
    return "{" + std::string(more) + R"("kty":"RSA",)" + member("n", OSSL_PKEY_PARAM_RSA_N, 0) +
           "," + member("e", OSSL_PKEY_PARAM_RSA_E, 0) + "}";
  }
  return "{" + std::string(more) + R"("kty":"EC","crv":"P-256",)" +
         member("x", OSSL_PKEY_PARAM_EC_PUB_X, 32) + "," +
         member("y", OSSL_PKEY_PARAM_EC_PUB_Y, 32) + "}";
}

std::string KeyPair::Signature(std::string_view text) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::size_t size = 0;
  TIDEMARK_CHECK(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
  TIDEMARK_CHECK(EVP_DigestSign(context, nullptr, &size, Bytes(text), text.size()) == 1);
  std::string signature(size, '\0');
  TIDEMARK_CHECK(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                Bytes(text), text.size()) == 1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  return signature;
}

std::string KeyPair::SignDer(std::string_view payload, std::string_view header) const {
  const std::string text = Unsigned(header, payload);
  return text + "." + EncodeBase64Url(Signature(text));
}

std::string KeyPair::Sign(std::string_view payload, std::string_view header) const {
  if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) return SignDer(payload, header);
  const std::string text = Unsigned(header, payload);
  const std::string der = Signature(text);
  const unsigned char* at = Bytes(der);
  ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::array<unsigned char, 64> bytes{};
  BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes.data(), 32);
  BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes.data() + 32, 32);
  ECDSA_SIG_free(pair);
  return text + "." + EncodeBase64Url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace tidemark::server::auth
