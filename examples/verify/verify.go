// Verifies an access token with go-oidc: ISSUER=https://login.example.org verify TOKEN
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	oidc "github.com/coreos/go-oidc" // with Go modules "github.com/coreos/go-oidc/v3/oidc"
)

// Claims are the claims of a token that the example prints.
type Claims struct {
	Subject string   `json:"sub"`
	Email   string   `json:"email"`
	Roles   []string `json:"roles"`
}

// freshKeys fetches the keys again after five minutes, or if none of them verifies a token. The library alone would accept a revoked key until
// it meets an unknown one.
type freshKeys struct {
	fetch   func() oidc.KeySet
	mutex   sync.Mutex
	keys    oidc.KeySet
	expires time.Time
}

// VerifySignature implements oidc.KeySet.
func (fresh *freshKeys) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	fresh.mutex.Lock()
	if time.Now().After(fresh.expires) {
		fresh.keys, fresh.expires = fresh.fetch(), time.Now().Add(5*time.Minute)
	}
	keys := fresh.keys
	fresh.mutex.Unlock()
	return keys.VerifySignature(ctx, token)
}

// NewVerifier creates a verifier, which should be reused: it caches the keys.
func NewVerifier(issuer, audience, algorithm string) *oidc.IDTokenVerifier {
	ctx := oidc.ClientContext(context.Background(), &http.Client{Timeout: 10 * time.Second, Transport: noCache{}})
	fetch := func() oidc.KeySet { return oidc.NewRemoteKeySet(ctx, issuer+"/.well-known/jwks.json") }
	return oidc.NewVerifier(issuer, &freshKeys{fetch: fetch}, &oidc.Config{
		ClientID:             audience,
		SupportedSigningAlgs: []string{algorithm},
		Now:                  func() time.Time { return time.Now().Add(-30 * time.Second) }, // for clocks that differ
	})
}

// Verify returns the claims of a valid token. The library checks everything except the type of the token and its subject.
func Verify(ctx context.Context, verifier *oidc.IDTokenVerifier, token string) (*Claims, error) {
	verified, err := verifier.Verify(ctx, token)
	if err != nil {
		return nil, err
	}
	var header struct{ Typ string }
	first, _ := base64.RawURLEncoding.DecodeString(strings.SplitN(token, ".", 2)[0])
	if json.Unmarshal(first, &header) != nil || header.Typ != "at+jwt" {
		return nil, errors.New("this is not an access token")
	}
	claims := &Claims{}
	if err := verified.Claims(claims); err != nil {
		return nil, err
	}
	if claims.Subject == "" {
		return nil, errors.New("the token has no subject")
	}
	return claims, nil
}

// noCache hides how long the keys may be cached. Debian's version 2.1 would not fetch new keys before that time; version 3 always does, and
// does not need noCache.
type noCache struct{}

func (noCache) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		response.Header.Del("Cache-Control")
	}
	return response, err
}

func main() {
	issuer := os.Getenv("ISSUER")                 // the server's PUBLIC_URL, without a trailing slash
	audience := or(os.Getenv("AUDIENCE"), issuer) // this service's own, one of the server's JWT_AUDIENCE
	// "EdDSA" if the server has JWT_ALGORITHM=EdDSA; never taken from the token.
	algorithm := or(os.Getenv("ALGORITHM"), "ES256")
	claims, err := Verify(context.Background(), NewVerifier(issuer, audience, algorithm), os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	line, _ := json.Marshal(claims)
	fmt.Println(string(line))
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
